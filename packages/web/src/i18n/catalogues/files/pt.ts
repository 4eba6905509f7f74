// Portuguese: what files and voice notes need words for, apart, because most people's first minute does without. As ../pt.ts
// otherwise.
import type { FileMessages } from '../../translate.ts';

export const messages: FileMessages = {
  'attach.title': 'Enviar isto?',
  'attach.cleaned':
    'Esta imagem foi refeita neste aparelho. Ela não diz onde, quando nem com que foi tirada.',
  'attach.notCleaned':
    'Esta imagem não pode ser limpa. Pode ir como arquivo simples, com tudo o que diz sobre você.',
  'attach.plain': 'Os arquivos vão como são. Podem conter seu nome ou onde você esteve.',
  'attach.describe': 'O que se vê? (pode deixar vazio)',
  'attach.describeWhy': 'Para quem não pode ver',
  'attach.send': 'Enviar',
  'attach.preparing': 'Preparando…',
  'attach.tooLarge': 'O arquivo tem mais de 25 MB ou está vazio.',
  'file.fetch': 'Buscar {name} ({size})',
  'file.save': 'Salvar {name}',
  'file.picture': 'Imagem',
  'file.show': 'Mostrar a imagem',
  'file.stop': 'Parar',
  'file.progress': '{percent} de 100 pronto',
  'file.gone': 'Não está mais no relé.',
  'file.wrong': 'Não deu certo. Você pode tentar de novo.',
  'file.care': 'Abra arquivos só se você confia em quem enviou.',
  'attach.soundCleaned':
    'Este som foi recriado neste dispositivo, sem o que o ficheiro dizia de si. A música perde qualidade. Uma voz nele ainda pode ser reconhecida.',
  'attach.soundNotCleaned':
    'Este som não pode ser limpo aqui. Pode ir como simples ficheiro, com tudo o que diz de ti: um nome, um lugar, uma hora.',
  'file.kept': 'No relé até {day}',
  'voice.title': 'Nota de voz',
  'voice.asking': 'O teu navegador pergunta se esta página pode usar o microfone.',
  'voice.notAllowed':
    'O microfone não está permitido nesta página. Podes permiti-lo nas definições do navegador, ou escrever.',
  'voice.none': 'Não foi encontrado nenhum microfone. Podes escrever.',
  'voice.wrong': 'A gravação não resultou. Podes tentar outra vez, ou escrever.',
  'voice.recording': 'A gravar. Nada sai deste dispositivo antes de o enviares.',
  'voice.place': 'Ponto da gravação',
  'voice.at': '{at} de {whole}',
  'voice.level': 'Volume de entrada',
  'voice.hearing': 'Está a entrar som.',
  'voice.quiet': 'Está muito silencioso.',
  'voice.soon': 'Faltam dez segundos.',
  'voice.stop': 'Parar',
  'voice.again': 'Gravar de novo',
  'voice.tooShort': 'Foi demasiado curto para se ouvir algo.',
  'voice.ready': 'Ouve antes de enviar. Os outros ouvem exatamente isto.',
  'voice.choose': 'Como deve soar a tua voz?',
  'voice.own': 'Como é',
  'voice.deeper': 'Mais grave',
  'voice.higher': 'Mais aguda',
  'voice.flat': 'Plana, como uma máquina',
  'voice.hides':
    'Uma voz alterada é mais difícil de reconhecer. Não esconde o teu sotaque, as tuas palavras, o teu ritmo nem o que se ouve à tua volta, e um programa pode desfazer boa parte de «mais grave» e «mais aguda». «Plana» é a que mais esconde.',
  'voice.describe': 'O que dizes? (podes deixar vazio)',
  'voice.describeWhy': 'Para quem não o pode ouvir',
  'voice.play': 'Reproduzir',
  'voice.pause': 'Pausa',
  'voice.fetch': 'Obter a nota de voz ({time}, {size})',
  'voice.listen': 'Ouvir a nota de voz ({time})',
};
