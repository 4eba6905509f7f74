// French: what files and voice notes need words for, apart, because most people's first minute does without. As ../fr.ts
// otherwise.
import type { FileMessages } from '../../translate.ts';

export const messages: FileMessages = {
  'attach.title': 'Envoyer ceci ?',
  'attach.cleaned':
    'Cette image a été refaite sur cet appareil. Elle ne dit ni où, ni quand, ni avec quoi elle a été prise.',
  'attach.notCleaned':
    'Cette image ne peut pas être nettoyée. Elle peut partir comme simple fichier, avec tout ce qu’elle dit de toi.',
  'attach.plain': 'Les fichiers partent tels quels. Ils peuvent contenir ton nom ou ton lieu.',
  'attach.describe': 'Que voit-on ? (tu peux laisser vide)',
  'attach.describeWhy': 'Pour les personnes qui ne peuvent pas la voir',
  'attach.send': 'Envoyer',
  'attach.preparing': 'Préparation…',
  'attach.tooLarge': 'Le fichier dépasse 25 Mo ou est vide.',
  'file.fetch': 'Récupérer {name} ({size})',
  'file.save': 'Enregistrer {name}',
  'file.picture': 'Image',
  'file.show': 'Montrer l’image',
  'file.stop': 'Arrêter',
  'file.progress': '{percent} sur 100',
  'file.gone': 'Ce n’est plus sur le relais.',
  'file.wrong': 'Cela n’a pas marché. Tu peux réessayer.',
  'file.care': 'N’ouvre des fichiers que si tu fais confiance à la personne.',
  'attach.soundCleaned':
    'Ce son a été recréé sur cet appareil, sans ce que le fichier disait de lui-même. La musique perd en qualité. Une voix qu’on y entend reste reconnaissable.',
  'attach.soundNotCleaned':
    'Ce son ne peut pas être nettoyé ici. Il peut partir comme simple fichier, avec tout ce qu’il dit de toi : un nom, un lieu, une heure.',
  'file.kept': 'Au relais (dernier jour : {day})',
  'voice.title': 'Note vocale',
  'voice.asking': 'Ton navigateur demande si cette page peut utiliser le micro.',
  'voice.notAllowed':
    'Le micro n’est pas autorisé pour cette page. Tu peux l’autoriser dans les réglages du navigateur, ou écrire.',
  'voice.none': 'Aucun micro n’a été trouvé. Tu peux écrire.',
  'voice.wrong': 'L’enregistrement n’a pas marché. Tu peux réessayer, ou écrire.',
  'voice.recording': 'Enregistrement en cours. Rien ne quitte cet appareil avant que tu ne l’envoies.',
  'voice.place': 'Position dans l’enregistrement',
  'voice.at': '{at} sur {whole}',
  'voice.level': 'Volume reçu',
  'voice.hearing': 'Du son arrive.',
  'voice.quiet': 'C’est très silencieux.',
  'voice.soon': 'Il reste dix secondes.',
  'voice.stop': 'Arrêter',
  'voice.again': 'Enregistrer à nouveau',
  'voice.tooShort': 'C’était trop court pour entendre quoi que ce soit.',
  'voice.ready': 'Écoute avant d’envoyer. Les autres entendent exactement ceci.',
  'voice.choose': 'Comment ta voix doit-elle sonner ?',
  'voice.own': 'Telle quelle',
  'voice.deeper': 'Plus grave',
  'voice.higher': 'Plus aiguë',
  'voice.flat': 'Plate, comme une machine',
  'voice.hides':
    'Une voix changée est plus difficile à reconnaître. Elle ne cache ni ton accent, ni tes mots, ni ton rythme, ni ce qu’on entend autour de toi, et un logiciel peut défaire une bonne part de « plus grave » et « plus aiguë ». « Plate » cache le plus.',
  'voice.describe': 'Que dis-tu ? (tu peux laisser vide)',
  'voice.describeWhy': 'Pour les personnes qui ne peuvent pas l’entendre',
  'voice.play': 'Lire',
  'voice.pause': 'Pause',
  'voice.fetch': 'Récupérer la note vocale ({time}, {size})',
  'voice.listen': 'Écouter la note vocale ({time})',
};
