// German: what files and voice notes need words for, apart, because most people's first minute does without. As ../de.ts
// otherwise.
import type { FileMessages } from '../../translate.ts';

export const messages: FileMessages = {
  'attach.title': 'Das senden?',
  'attach.cleaned':
    'Dieses Bild wurde auf diesem Gerät neu erstellt. Wo, wann und womit es aufgenommen wurde, steht nicht darin.',
  'attach.notCleaned':
    'Dieses Bild lässt sich nicht säubern. Es kann als einfache Datei gehen, mit allem, was es über dich verrät.',
  'attach.plain': 'Dateien gehen so, wie sie sind. Darin können dein Name oder dein Ort stehen.',
  'attach.describe': 'Was ist zu sehen? (darf leer bleiben)',
  'attach.describeWhy': 'Für Menschen, die es nicht sehen können',
  'attach.send': 'Senden',
  'attach.preparing': 'Wird vorbereitet…',
  'attach.tooLarge': 'Die Datei ist größer als 25 MB oder leer.',
  'file.fetch': '{name} holen ({size})',
  'file.save': '{name} speichern',
  'file.picture': 'Bild',
  'file.show': 'Bild zeigen',
  'file.stop': 'Anhalten',
  'file.progress': '{percent} von 100 geschafft',
  'file.gone': 'Sie ist nicht mehr beim Relay.',
  'file.wrong': 'Das hat nicht geklappt. Du kannst es noch einmal versuchen.',
  'file.care': 'Öffne Dateien nur, wenn du der Person vertraust.',
  'attach.soundCleaned':
    'Dieser Ton wurde auf diesem Gerät neu erstellt, ohne das, was die Datei über sich sagte. Musik verliert an Klang. Eine Stimme darin bleibt erkennbar.',
  'attach.soundNotCleaned':
    'Dieser Ton lässt sich hier nicht säubern. Er kann als einfache Datei gehen, mit allem, was er über dich verrät: Name, Ort, Zeit.',
  'file.kept': 'Beim Relay bis {day}',
  'voice.title': 'Sprachnachricht',
  'voice.asking': 'Dein Browser fragt, ob diese Seite das Mikrofon benutzen darf.',
  'voice.notAllowed':
    'Diese Seite darf das Mikrofon nicht benutzen. Du kannst es in den Einstellungen des Browsers erlauben, oder schreiben.',
  'voice.none': 'Es wurde kein Mikrofon gefunden. Du kannst schreiben.',
  'voice.wrong': 'Die Aufnahme hat nicht geklappt. Du kannst es noch einmal versuchen, oder schreiben.',
  'voice.recording': 'Aufnahme läuft. Nichts verlässt dieses Gerät, bevor du es sendest.',
  'voice.place': 'Stelle in der Aufnahme',
  'voice.at': '{at} von {whole}',
  'voice.level': 'Wie laut es ist',
  'voice.hearing': 'Es ist etwas zu hören.',
  'voice.quiet': 'Es ist sehr leise.',
  'voice.soon': 'Noch zehn Sekunden.',
  'voice.stop': 'Stopp',
  'voice.again': 'Neu aufnehmen',
  'voice.tooShort': 'Das war zu kurz, um etwas zu hören.',
  'voice.ready': 'Hör es dir an, bevor du es sendest. Andere hören genau das.',
  'voice.choose': 'Wie soll deine Stimme klingen?',
  'voice.own': 'Wie sie ist',
  'voice.deeper': 'Tiefer',
  'voice.higher': 'Höher',
  'voice.flat': 'Eintönig, wie eine Maschine',
  'voice.hides':
    'Eine veränderte Stimme ist schwerer zu erkennen. Sie verbirgt weder deinen Akzent noch deine Worte, dein Tempo oder was um dich zu hören ist, und Programme können „tiefer“ und „höher“ zu einem guten Teil zurückrechnen. „Eintönig“ verbirgt am meisten.',
  'voice.describe': 'Was sagst du darin? (darf leer bleiben)',
  'voice.describeWhy': 'Für Menschen, die es nicht hören können',
  'voice.play': 'Abspielen',
  'voice.pause': 'Pause',
  'voice.fetch': 'Sprachnachricht holen ({time}, {size})',
  'voice.listen': 'Sprachnachricht anhören ({time})',
};
