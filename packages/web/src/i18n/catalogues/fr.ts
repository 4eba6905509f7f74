// French, with “tu”: among peers.

import type { Messages } from '../translate.ts';

export const messages: Messages = {
  help: 'Aide',
  leave: 'Partir vite',
  back: 'Retour',
  cancel: 'Annuler',
  close: 'Fermer',
  copy: 'Copier',
  copied: 'Copié',
  share: 'Partager',
  loading: 'Chargement…',
  notNow: 'Pas maintenant',
  understood: 'Compris',
  tryAgain: 'Réessayer',
  notices: 'Avis',
  picture: 'Image de {name}',
  reactions: 'Réactions',
  names:
    'Port|Lanterne|Genévrier|Prairie|Galet|Rivière|Saule|Braise|Cèdre|Nuage|Trèfle|Dune|Plume|Fougère|Jardin|Noisetier|Bruyère|Île|Lin|Érable|Mousse|Verger|Pluie|Marée',

  'time.today': 'Aujourd’hui',
  'time.yesterday': 'Hier',

  'connection.connecting': 'Connexion…',
  'connection.online': 'En ligne',
  'connection.offline': 'Hors ligne',
  'connection.waiting': 'Nouvel essai bientôt',
  'connection.refused': 'Accès refusé',

  'notice.offline': 'Tu es hors ligne. Ce que tu écris est gardé ici et part dès ton retour.',
  'notice.refused':
    'Cette page n’arrive pas à joindre le relais. Elle est peut-être trop vieille : ferme-la et rouvre-la.',
  'notice.skew':
    'L’horloge de cet appareil semble fausse. Règle-la, sinon les heures seront fausses ici aussi.',
  'notice.full':
    'Cet appareil est plein. Les nouveaux messages ne pourront être gardés qu’après avoir fait de la place.',
  'notice.relayLost': 'Le relais a perdu ce qu’il gardait. Ce qui n’était pas arrivé est renvoyé tout seul.',
  'notice.notPersistent':
    'Ce navigateur peut effacer ce qui est ici s’il manque de place. Une copie scellée te protège.',
  'notice.timer': 'À partir d’ici, les messages disparaissent après {time}.',
  'notice.timerOff': 'À partir d’ici, les messages restent.',
  'notice.relayIncoming':
    'Le relais a perdu ce qu’il gardait. Il manque peut-être ici quelque chose qu’on t’a envoyé.',
  'notice.relayOutgoing':
    'Le relais a perdu ce qu’il gardait. Quelque chose de toi n’est peut-être pas arrivé.',
  'notice.left': 'Cette personne a quitté la conversation.',
  'notice.retired': 'Cette personne a dit au revoir.',
  'notice.other':
    'Quelque chose s’est mal passé. Ce que tu as écrit est gardé. Si cela recommence, rouvre la page.',

  'update.ready': 'Une nouvelle version est prête.',
  'update.take': 'L’utiliser',

  'welcome.title': 'Un endroit calme pour parler',
  'welcome.lead': 'Dis ce qui est dur à dire ailleurs, sans donner ton nom.',
  'welcome.you': 'Ici, tu es',
  'welcome.another': 'Un autre nom',
  'welcome.begin': 'Parler à quelqu’un que je connais',
  'welcome.rooms': 'Trouver un salon',
  'welcome.room': 'Voir le salon',
  'welcome.answer': 'Répondre à l’invitation',
  'welcome.peers':
    'Des gens comme toi. Ni une thérapie, ni un service d’urgence. S’il te faut de l’aide maintenant, touche Aide.',
  'welcome.adults': 'Pour les adultes. Si tu es plus jeune, Aide a des lignes pour les jeunes.',
  'welcome.private':
    'Pas de compte, pas de numéro, pas d’e-mail. Ce que tu écris est scellé sur cet appareil.',

  'leaving.short': 'Pour partir vite, touche « {button} » ou appuie trois fois sur Maj.',
  'leaving.more': 'Comment ça marche',
  'leaving.about': 'Ce que cela fait, et ne peut pas faire',
  'leaving.does':
    'Une page vide couvre tout aussitôt. Puis cette page devient {site}. Cela marche aussi sans réseau.',
  'leaving.lock': 'Si tu as mis un code ou une phrase secrète, on te le demande à ton retour.',
  'leaving.cannot':
    'Cela ne peut pas cacher que tu as ouvert ce site : l’historique du navigateur peut le montrer. Une fenêtre privée ne garde pas d’historique. Cela n’arrête pas quelqu’un qui a mis une appli espionne sur ton appareil.',
  'leaving.try': 'Essayer',

  'talks.title': 'Conversations',
  'talks.youAre': 'Tu es',
  'talks.change': 'Changer',
  'talks.search': 'Chercher',
  'talks.empty': 'Pas encore de conversation. Invite quelqu’un que tu connais, ou réponds à son invitation.',
  'talks.beginHere': 'Tes conversations seront ici.',
  'talks.chooseOne': 'Choisis une conversation pour la lire ici.',
  'talks.waiting': 'En attente d’une réponse',
  'talks.retired': 'A dit au revoir',
  'talks.blocked': 'Contact bloqué',
  'talks.left': 'Conversation quittée',
  'talks.peerLeft': 'Personne partie',
  'talks.refused': 'Fermée par le relais',
  'talks.draft': 'Brouillon : {text}',
  'talks.new': 'Nouveau',
  'talks.inMessages': 'Dans les messages',
  'talks.nothingFound': 'Rien trouvé.',
  'talks.gone': 'Cette conversation n’est plus ici.',

  'connect.title': 'Parler à quelqu’un que je connais',
  'connect.make': 'Inviter quelqu’un',
  'connect.makeWords': 'Tu reçois un lien et un code. Donne-le à une seule personne, par un moyen sûr.',
  'connect.makeButton': 'Faire une invitation',
  'connect.have': 'J’ai une invitation',
  'connect.paste': 'Colle le lien',
  'connect.scan': 'Scanner un code',

  'scan.camera': 'Utiliser la caméra',
  'scan.picture': 'Choisir une image',
  'scan.noCamera': 'La caméra ne peut pas servir. Tu peux choisir une image du code.',
  'scan.nothing': 'Il n’y a pas de code sur cette image. Essaie une image plus nette ou plus proche.',

  'invite.title': 'Ton invitation',
  'invite.making': 'Préparation de l’invitation…',
  'invite.words':
    'Fais scanner ceci à une personne, ou envoie-lui le lien. Tu peux fermer : la réponse te trouvera.',
  'invite.code': 'Code avec le lien d’invitation',
  'invite.link': 'Lien d’invitation',
  'invite.once': 'Elle marche une fois, pour une personne.',
  'invite.onceUntil': 'Elle marche une fois, pour une personne. Dernier jour : {day}.',
  'invite.unused':
    '{count, plural, one {# invitation non utilisée} many {# invitations non utilisées} other {# invitations non utilisées}}',
  'invite.revoke': 'Annuler cette invitation',
  'invite.answered': '{name} a répondu.',
  'invite.open': 'Ouvrir la conversation',

  'accept.title': 'On t’invite',
  'accept.words':
    'Quelqu’un veut te parler. Si tu réponds, cette personne voit le nom choisi ici et rien d’autre de toi.',
  'accept.arrived': 'Tu as ouvert une invitation.',
  'accept.look': 'La voir',
  'accept.as': 'Répondre en tant que',
  'accept.asNew': 'Quelqu’un de nouveau, avec un nom neuf',
  'accept.answer': 'Répondre à l’invitation',

  'thread.label': 'Messages',
  'thread.details': 'À propos de cette conversation',
  'thread.compared': 'Numéro de sécurité comparé',
  'thread.timer': 'Les messages disparaissent après {time}',
  'thread.earlier': 'Messages plus anciens…',
  'thread.begin': 'C’est le début. Personne d’autre que toi et {name} ne peut lire ce qui s’écrit ici.',
  'thread.beginWaiting': 'Tu peux déjà écrire. {name} lira à son retour.',
  'thread.newest': 'Aux plus récents',
  'thread.unread': 'Nouveau à partir d’ici',
  'thread.heard': '{name} : {text}',
  'thread.retired':
    '{name} a dit au revoir et ne lira plus ici. Ce qui a été dit reste jusqu’à ce que tu l’effaces.',
  'thread.blocked': 'Tu as bloqué cette personne. Rien d’elle ne t’arrive.',
  'thread.left': 'Tu as quitté cette conversation. Ce qui a été dit reste jusqu’à ce que tu l’effaces.',
  'thread.peerLeft':
    '{name} n’est plus dans cette conversation. Ce qui a été dit reste jusqu’à ce que tu l’effaces.',
  'thread.refused':
    'Les responsables du relais ont fermé cette conversation. Ce qui a été dit reste jusqu’à ce que tu l’effaces.',

  'message.you': 'Toi',
  'message.replyTo': 'Réponse à',
  'message.more': 'Plus pour le message de {time}',
  'message.deeds': 'Que faire de ce message',
  'message.react': 'Répondre par un mot gentil',
  'message.reply': 'Répondre',
  'message.edit': 'Modifier',
  'message.retract': 'Reprendre',
  'message.warning': 'Sujet : {what}',
  'message.show': 'Montrer',
  'message.edited': 'modifié',
  'message.goneIn': 'disparaît dans {time}',
  'message.going': 'en train de disparaître',
  'message.gap':
    '{count, plural, one {Il manque un message ici. Il est peut-être perdu.} many {Il manque # messages ici. Ils sont peut-être perdus.} other {Il manque # messages ici. Ils sont peut-être perdus.}}',
  'message.restart':
    'La conversation a repris ici à neuf, avec des sceaux neufs. Il manque peut-être quelque chose.',
  'message.newer': 'Ce message demande une version plus récente de cette page.',
  'message.retracted': 'Ce message a été repris.',
  'message.retractedMine': 'Tu as repris ce message.',

  'delivery.waiting': 'en attente de départ',
  'delivery.kept': 'envoyé, gardé (dernier jour : {day})',
  'delivery.failed': 'Ceci n’est pas parti.',

  'reaction.with-you': 'je suis avec toi',
  'reaction.me-too': 'moi aussi',
  'reaction.thank-you': 'merci',
  'reaction.take-your-time': 'prends ton temps',
  'reaction.a-hug': 'un câlin, si tu veux',

  'link.label': 'Un lien dans ce message',
  'link.leads': 'Ceci mène ailleurs, vers :',
  'link.open': 'Ouvrir dans un autre onglet',

  'composer.label': 'Écrire à {name}',
  'composer.placeholder': 'Écris ici',
  'composer.send': 'Envoyer',
  'attach.add': 'Ajouter une image ou un fichier',
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
  'composer.warn': 'Contenu sensible',
  'composer.warning': 'Que faut-il savoir avant de lire ?',
  'composer.warningExample': 'par exemple : deuil',
  'composer.replying': 'Réponse à :',
  'composer.editing': 'Modification :',
  'composer.details': 'Ceci pourrait dire qui tu es. Cela ressemble à : {what}. Veux-tu l’envoyer ?',
  'composer.change': 'Modifier',
  'composer.anyway': 'Envoyer quand même',

  'details.title': 'À propos de cette conversation',
  'details.timer': 'Les messages disparaissent',
  'details.timerOff': 'Jamais tout seuls',
  'details.timerWords':
    'Pour vous deux, à partir de maintenant. Quelqu’un peut quand même photographier l’écran.',
  'details.compared':
    'Tu l’as comparé. {name} est bien la personne que tu crois, et personne n’est entre vous.',
  'details.notCompared': 'Si tu connais {name}, vous pouvez vérifier ensemble que personne n’est entre vous.',
  'details.compare': 'Comparer',
  'details.ends': 'Finir cette conversation',

  'compare.title': 'Numéro de sécurité',
  'compare.words':
    'Lisez-vous ces chiffres, ou scannez vos codes. S’ils sont pareils, personne d’autre que toi et {name} ne peut lire ceci.',
  'compare.digits': 'Chiffres du numéro de sécurité',
  'compare.code': 'Code du numéro de sécurité',
  'compare.mark': 'Nous avons comparé les chiffres : ils sont pareils',
  'compare.scan': 'Scanner son code',
  'compare.same': 'Pareils. Personne d’autre que vous deux ne peut lire ceci.',
  'compare.different':
    'Pas pareils. Scanne encore. Si cela reste, n’écris rien ici que d’autres ne doivent pas lire.',

  'block.title': 'Bloquer',
  'block.words': 'Plus rien de {name} ne t’arrive. On ne le lui dit pas.',

  'leaveTalk.title': 'Quitter',
  'leaveTalk.words':
    '{name} voit que tu as quitté la conversation. Tout ce qui a été dit ici est effacé de cet appareil.',

  'delete.title': 'Effacer',
  'delete.words': 'Toute cette conversation est effacée de cet appareil. L’autre personne garde la sienne.',

  'settings.title': 'Réglages',
  'settings.version': 'Version {version}',

  'personas.title': 'Tes noms',
  'personas.about': 'Plusieurs noms que personne ne peut relier',
  'personas.words':
    'Chaque nom est quelqu’un d’autre pour les autres. Rien ne les relie : ni les gens à qui tu parles, ni le relais.',
  'personas.current': 'Montré maintenant',
  'personas.online': 'En ligne',
  'personas.away': 'Au repos : rien n’arrive',
  'personas.retired': 'A dit au revoir',
  'personas.use': 'Être celui-ci',
  'personas.more': 'Plus',
  'personas.stayOnline': 'En ligne, même quand je suis quelqu’un d’autre',
  'personas.new': 'Un nouveau nom',
  'personas.make': 'Utiliser ce nom',

  'retire.title': 'Dire au revoir avec ce nom',
  'retire.words':
    'Les gens à qui tu parles apprennent que tu n’es plus là. Tu peux encore lire ce qui a été dit.',
  'retire.yes': 'Dire au revoir',

  'burn.title': 'Détruire ce nom',
  'burn.words':
    'Ses clés et tout ce qui a été dit sont détruits aussitôt. Personne n’est prévenu. On ne peut pas revenir en arrière.',
  'burn.yes': 'Détruire',

  'protect.title': 'Verrou',
  'protect.about': 'Code ou phrase secrète, et quand verrouiller',
  'protect.on': 'Cette page est verrouillée par un code ou une phrase secrète.',
  'protect.off': 'Qui tient cet appareil peut tout lire ici. Un verrou aide.',
  'protect.lockNow': 'Verrouiller',
  'protect.set': 'Mettre un verrou',
  'protect.change': 'Changer le verrou',
  'protect.current': 'Celui que tu utilises',
  'protect.kind': 'Sorte de verrou',
  'protect.pinStops': 'Arrête un coup d’œil. N’arrête pas quelqu’un qui prend l’appareil et s’y connaît.',
  'protect.passphraseStops':
    'Quatre ou cinq mots que personne ne devinerait. Arrête la plupart des gens qui prennent l’appareil.',
  'protect.new.pin': 'Nouveau code',
  'protect.new.passphrase': 'Nouvelle phrase secrète',
  'protect.length':
    '{count, plural, one {Au moins # caractère} many {Au moins # caractères} other {Au moins # caractères}}',
  'protect.again': 'Encore une fois',
  'protect.differs': 'Les deux ne sont pas pareils.',
  'protect.noWayBack': 'Si tu l’oublies, personne ne peut rouvrir ceci, nous non plus.',
  'protect.save': 'Mettre',
  'protect.saved': 'Le verrou est mis.',
  'protect.remove': 'Enlever le verrou',
  'protect.removed': 'Le verrou est enlevé.',
  'protect.lockAfter': 'Verrouiller tout seul après',
  'protect.never': 'Jamais',
  'protect.notify': 'Me prévenir quand il y a du nouveau',
  'protect.notifyWords':
    'On montre seulement « {name} », jamais qui ni quoi. Cela marche tant que cette page est ouverte.',

  'secret.pin': 'Code',
  'secret.passphrase': 'Phrase secrète',
  'secret.show': 'Montrer ce que je tape',

  'locked.title': 'Verrouillé',
  'locked.open': 'Ouvrir',
  'locked.opening': 'Ouverture…',
  'locked.forgot': 'Je l’ai oublié',
  'locked.forgotWords': 'Alors personne ne peut ouvrir ce qui est ici. Tu peux l’effacer et recommencer.',

  'appearance.title': 'Langue et aspect',
  'appearance.about': 'Langue, couleurs, mouvement',
  'appearance.language': 'Langue',
  'appearance.colours': 'Couleurs',
  'appearance.auto': 'Comme cet appareil',
  'appearance.light': 'Clair',
  'appearance.dark': 'Sombre',
  'appearance.contrast': 'Plus de contraste',
  'appearance.motion': 'Moins de mouvement',

  'copy.title': 'Garder une copie scellée',
  'copy.about': 'Par sécurité, ou pour changer d’appareil',
  'copy.words':
    'Tu reçois un fichier que seule ta phrase secrète ouvre. Garde-le là où personne d’autre ne le trouve.',
  'copy.move': 'L’ouvrir ailleurs est un déménagement : ce navigateur cesse alors d’être toi.',
  'copy.passphrase': 'Phrase secrète de la copie',
  'copy.save': 'Faire la copie',
  'copy.done': 'La copie est dans tes téléchargements.',

  'restore.have': 'J’ai une copie scellée',
  'restore.title': 'Emménager depuis une copie',
  'restore.words':
    'Choisis le fichier gardé et tape sa phrase secrète. L’appareil d’où il vient cesse alors d’être toi.',
  'restore.file': 'Le fichier',
  'restore.bring': 'Emménager',
  'restore.notHere':
    'Il y a déjà quelque chose ici. Efface-le d’abord si tu veux emménager depuis une copie.',

  'erase.title': 'Tout effacer',
  'erase.about': 'Tout enlever de ce navigateur',
  'erase.words':
    'Tous les noms, conversations et clés sont effacés de ce navigateur. On ne peut pas revenir en arrière.',
  'erase.others': 'Les gens à qui tu parles gardent ce que tu leur as envoyé, et ne sont pas prévenus.',
  'erase.cannot': 'L’historique du navigateur peut encore montrer que tu étais ici.',
  'erase.yes': 'Tout effacer maintenant',

  'relay.title': 'Ce que sait le relais',
  'relay.about': 'Ce qu’il voit, et ce qu’il a promis',
  'relay.words': 'Le relais est l’ordinateur qui passe tes messages scellés.',
  'relay.never': 'Il n’a jamais',
  'relay.never.text': 'Ce que tu écris, tes réactions, ni quand un message disparaît : tout est scellé ici.',
  'relay.never.names': 'Ton nom, ton numéro, ton e-mail, ni aucun compte.',
  'relay.never.pairs': 'Qui parle avec qui : chaque sens a sa propre adresse.',
  'relay.never.logs': 'Un journal de qui s’est connecté : il n’en tient pas.',
  'relay.sees': 'Il pourrait voir, si quelqu’un le changeait pour regarder',
  'relay.sees.address': 'L’adresse internet d’où tu viens.',
  'relay.sees.time': 'Quand tu es en ligne, et quand quelque chose arrive ou part.',
  'relay.sees.together': 'Lesquelles de ses adresses servent en même temps sur un appareil.',
  'relay.tor': 'Seul Tor ou un proxy cache d’où tu viens.',
  'relay.published': 'Ce que ce relais a promis',
  'relay.unknown': 'La promesse du relais n’est pas encore ici. Elle arrive avec la connexion.',
  'relay.kept': 'Vu d’ici, il la tient.',
  'relay.notChecked': 'Elle n’a pas encore pu être vérifiée.',
  'relay.broken': 'Il ne tient pas ce qu’il a promis :',
  'relay.address': 'Adresse',
  'relay.keeps': 'Garde un message que personne ne prend',
  'relay.keepsDays': '{days, plural, one {pendant # jour} many {pendant # jours} other {pendant # jours}}',
  'relay.durability': 'Quand il dit « gardé »',
  'relay.admission': 'Qui peut s’en servir',
  'relay.operator': 'Qui le fait marcher',
  'relay.contact': 'Comment les joindre',
  'relay.software': 'Programme',

  'elsewhere.title': 'Ouvert dans un autre onglet',
  'elsewhere.words': 'Ceci ne s’utilise que dans un onglet à la fois. Rien n’est perdu.',
  'elsewhere.take': 'L’utiliser ici',

  'lost.title': 'Le navigateur a effacé ce qui était ici',
  'lost.words':
    'Cela arrive quand un appareil manque de place, ou après une longue absence. Tes noms et conversations ne sont plus dans ce navigateur.',
  'lost.begin': 'Recommencer',

  'newer.title': 'Une version plus récente était ici',
  'newer.words':
    'Ce qui est ici a été écrit par une version plus récente de cette page. Rien n’est perdu : recharge la page pour l’avoir.',
  'newer.reload': 'Recharger',

  'foreign.title': 'Ceci est à autre chose',
  'foreign.words': 'Il y a dans ce navigateur quelque chose que cette page n’a pas écrit. On n’y touche pas.',

  'corrupt.title': 'Ce qui est ici ne peut pas être lu',
  'corrupt.words':
    'Le stockage de ce navigateur est abîmé. Réessayer peut aider. Sinon, il ne reste qu’à effacer.',

  'damaged.code': 'Pour qui t’aide : {code}',

  'unsupported.title': 'Ce navigateur ne peut pas',
  'unsupported.storage':
    'Il ne garde rien ici. Les fenêtres privées de certains navigateurs sont ainsi : essaie une fenêtre normale, ou un autre navigateur.',
  'unsupported.wasm':
    'Il ne peut pas faire marcher la partie qui scelle tes messages. Un navigateur plus récent le peut.',
  'unsupported.worker':
    'Il n’a pas pu démarrer la partie qui scelle tes messages. Recharge la page, ou essaie un navigateur plus récent.',

  'error.secret': 'Ce n’est pas ça. Réessaie.',
  'error.inviteUsed': 'Cette invitation a déjà servi ou a été annulée. Demandes-en une nouvelle.',
  'error.inviteExpired': 'Cette invitation est trop vieille. Demandes-en une nouvelle.',
  'error.inviteBroken': 'Ce n’est pas une invitation entière. Copie encore le lien, en entier.',
  'error.inviteOwn': 'C’est ta propre invitation. Donne-la à quelqu’un d’autre.',
  'error.full': 'Il n’y a pas de place pour l’instant. Réessaie plus tard.',
  'error.offline': 'Pas de connexion pour l’instant. Réessaie quand tu es en ligne.',
  'error.tooLong': 'C’est trop long. Envoie-le en plusieurs fois.',
  'error.copy': 'Cette copie ne s’ouvre pas. Vérifie le fichier et la phrase secrète.',
  'error.other': 'Cela n’a pas marché. Réessaie. ({code})',

  'help.title': 'Aide',
  'help.noCountry': 'Choisis ton pays pour voir qui tu peux appeler.',
  'help.noLines':
    'Nous ne connaissons pas encore de ligne pour ce pays. Si ta vie est en danger, appelle le numéro d’urgence là où tu es.',
  'help.country': 'Pays',
  'help.chooseCountry': 'Choisir',
  'help.countryWords': 'Cela reste sur cet appareil. Personne n’apprend que tu as regardé.',
  'help.young': 'J’ai moins de 18 ans',
  'help.honest':
    'Nous ne voyons ni qui tu es ni où tu es, donc nous ne pouvons pas envoyer d’aide. Personne n’a appelé ces numéros pour les essayer.',

  'breathe.title': 'Respire avec moi',
  'breathe.words': 'Une minute et demie. Arrête quand tu veux.',
  'breathe.begin': 'Commencer',
  'breathe.stop': 'Arrêter',
  'breathe.again': 'Revenir au début',

  'care.emergency': 'Si ta vie est en danger maintenant, appelle :',
  'care.emergency.any': 'Numéro d’urgence',
  'care.emergency.ambulance': 'Ambulance',
  'care.emergency.police': 'Police',
  'care.emergency.mobileOnly': 'Depuis un mobile seulement',
  'care.oneLine': 'Quelqu’un à qui parler',
  'care.ifNobody': 'Si personne ne répond',
  'care.ifNobody.again': 'Réessaie dans quelques minutes. Beaucoup y arrivent au deuxième essai.',
  'care.ifNobody.otherContact': 'Essaie un autre moyen de les joindre, comme SMS ou chat.',
  'care.ifNobody.row': 'Essaie {name}.',
  'care.ifNobody.international': 'Cherche une autre ligne sur findahelpline.com.',
  'care.ifNobody.emergency': 'Si tu es en danger, appelle le numéro d’urgence.',
  'care.others': 'Autres moyens',
  'care.international': 'Lignes dans d’autres pays :',
  'care.state.open': 'Ouvert maintenant',
  'care.state.closed': 'Fermé maintenant',
  'care.state.unknown': 'Horaires inconnus',
  'care.checkedOn': 'Vérifié le {date}.',
  'care.stale': 'C’était il y a longtemps : cela a pu changer.',
  'care.method.call': 'Appeler',
  'care.method.text': 'SMS',
  'care.method.chat': 'Chat',
  'care.method.whatsapp': 'WhatsApp',
  'care.method.email': 'E-mail',
  'care.textKeyword': 'Écris d’abord {keyword}.',
  'care.extension': 'Puis tape {extension}.',
  'care.cost.free': 'Gratuit',
  'care.cost.charged': 'Payant',
  'care.breathe.inhale': 'Inspire',
  'care.breathe.hold': 'Retiens',
  'care.breathe.exhale': 'Expire',
  'care.breathe.rest': 'Repos',
  'care.breathe.done': 'C’est bien. Reste autant que tu veux.',
  'care.personal.phone': 'un numéro de téléphone',
  'care.personal.email': 'une adresse e-mail',
  'care.personal.handle': 'un nom utilisé ailleurs',
  'care.personal.link': 'un lien',
  'care.personal.address': 'une adresse',
};
