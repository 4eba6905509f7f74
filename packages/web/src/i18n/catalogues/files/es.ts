// Spanish: what files and voice notes need words for, apart, because most people's first minute does without. As ../es.ts
// otherwise.
import type { FileMessages } from '../../translate.ts';

export const messages: FileMessages = {
  'attach.title': '¿Enviar esto?',
  'attach.cleaned':
    'Esta imagen se ha creado de nuevo en este dispositivo. No dice dónde, cuándo ni con qué se tomó.',
  'attach.notCleaned':
    'Esta imagen no se puede limpiar. Puede ir como archivo simple, con todo lo que dice de ti.',
  'attach.plain': 'Los archivos van tal como son. Pueden llevar tu nombre o dónde estuviste.',
  'attach.describe': '¿Qué se ve? (puedes dejarlo vacío)',
  'attach.describeWhy': 'Para quien no puede verla',
  'attach.send': 'Enviar',
  'attach.preparing': 'Preparando…',
  'attach.tooLarge': 'El archivo ocupa más de 25 MB o está vacío.',
  'file.fetch': 'Traer {name} ({size})',
  'file.save': 'Guardar {name}',
  'file.picture': 'Imagen',
  'file.show': 'Mostrar la imagen',
  'file.stop': 'Parar',
  'file.progress': '{percent} de 100 hecho',
  'file.gone': 'Ya no está en el relé.',
  'file.wrong': 'No ha funcionado. Puedes intentarlo otra vez.',
  'file.care': 'Abre archivos solo si confías en quien los envía.',
  'attach.soundCleaned':
    'Este sonido se ha vuelto a crear en este dispositivo, sin lo que el archivo decía de sí mismo. La música pierde calidad. Una voz que suene en él aún se puede reconocer.',
  'attach.soundNotCleaned':
    'Este sonido no se puede limpiar aquí. Puede ir como archivo sin más, con todo lo que diga de ti: un nombre, un lugar, una hora.',
  'file.kept': 'En el relé hasta el {day}',
  'voice.title': 'Nota de voz',
  'voice.asking': 'Tu navegador pregunta si esta página puede usar el micrófono.',
  'voice.notAllowed':
    'Esta página no tiene permiso para usar el micrófono. Puedes permitirlo en los ajustes del navegador, o escribir.',
  'voice.none': 'No se encontró ningún micrófono. Puedes escribir.',
  'voice.wrong': 'La grabación no funcionó. Puedes probar otra vez, o escribir.',
  'voice.recording': 'Grabando. Nada sale de este dispositivo antes de que lo envíes.',
  'voice.place': 'Punto de la grabación',
  'voice.at': '{at} de {whole}',
  'voice.level': 'Volumen de entrada',
  'voice.hearing': 'Se oye sonido.',
  'voice.quiet': 'Hay mucho silencio.',
  'voice.soon': 'Quedan diez segundos.',
  'voice.stop': 'Parar',
  'voice.again': 'Grabar otra vez',
  'voice.tooShort': 'Fue demasiado corto para oír algo.',
  'voice.ready': 'Escúchalo antes de enviarlo. Los demás oirán exactamente esto.',
  'voice.choose': '¿Cómo debe sonar tu voz?',
  'voice.own': 'Tal como es',
  'voice.deeper': 'Más grave',
  'voice.higher': 'Más aguda',
  'voice.flat': 'Plana, como una máquina',
  'voice.hides':
    'Una voz cambiada cuesta más de reconocer. No oculta tu acento, tus palabras, tu ritmo ni lo que se oye a tu alrededor, y un programa puede deshacer buena parte de «más grave» y «más aguda». «Plana» es lo que más oculta.',
  'voice.describe': '¿Qué dices? (puedes dejarlo vacío)',
  'voice.describeWhy': 'Para quienes no pueden oírlo',
  'voice.play': 'Reproducir',
  'voice.pause': 'Pausa',
  'voice.fetch': 'Traer la nota de voz ({time}, {size})',
  'voice.listen': 'Escuchar la nota de voz ({time})',
};
