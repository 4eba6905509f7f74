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
    'Este som foi refeito neste aparelho, sem o que o arquivo dizia de si mesmo. A música perde qualidade. Ainda se pode reconhecer uma voz nele.',
  'attach.soundNotCleaned':
    'Este som não pode ser limpo aqui. Pode ir como arquivo simples, com tudo o que diz sobre você: um nome, um lugar, uma hora.',
  'file.kept': 'No relé até {day}',
  'voice.title': 'Nota de voz',
  'voice.asking': 'O seu navegador pergunta se esta página pode usar o microfone.',
  'voice.notAllowed':
    'Esta página não pode usar o microfone. Você pode permitir isso no navegador, ou escrever.',
  'voice.none': 'Nenhum microfone foi encontrado. Você pode escrever.',
  'voice.wrong': 'A gravação não deu certo. Você pode tentar de novo, ou escrever.',
  'voice.recording': 'Gravando. Nada sai deste aparelho antes de você enviar.',
  'voice.place': 'Ponto da gravação',
  'voice.at': '{at} de {whole}',
  'voice.level': 'Volume de entrada',
  'voice.hearing': 'O som está chegando.',
  'voice.quiet': 'Está muito silencioso.',
  'voice.soon': 'Faltam dez segundos.',
  'voice.stop': 'Parar',
  'voice.again': 'Gravar de novo',
  'voice.tooShort': 'Foi curto demais para se ouvir algo.',
  'voice.ready': 'Ouça antes de enviar. Os outros vão ouvir exatamente isto.',
  'voice.choose': 'Como deve soar a sua voz?',
  'voice.own': 'Como é',
  'voice.deeper': 'Mais grave',
  'voice.higher': 'Mais aguda',
  'voice.flat': 'Plana, como uma máquina',
  'voice.hides':
    'Uma voz alterada é mais difícil de reconhecer. Não esconde o seu sotaque, as suas palavras, o seu ritmo nem o que se ouve em volta, e um programa pode desfazer boa parte de “mais grave” e “mais aguda”. “Plana” é a que mais esconde.',
  'voice.describe': 'O que você diz? (pode deixar vazio)',
  'voice.describeWhy': 'Para quem não pode ouvir',
  'voice.play': 'Reproduzir',
  'voice.pause': 'Pausa',
  'voice.fetch': 'Buscar a nota de voz ({time}, {size})',
  'voice.listen': 'Ouvir a nota de voz ({time})',
};
