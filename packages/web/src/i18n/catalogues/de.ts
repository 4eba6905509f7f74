// German, with “du”: informal, as people who talk about hard things do.

import type { Messages } from '../translate.ts';

export const messages: Messages = {
  help: 'Hilfe',
  leave: 'Schnell weg',
  back: 'Zurück',
  cancel: 'Abbrechen',
  close: 'Schließen',
  copy: 'Kopieren',
  copied: 'Kopiert',
  share: 'Teilen',
  loading: 'Lädt …',
  notNow: 'Jetzt nicht',
  understood: 'Verstanden',
  tryAgain: 'Noch einmal versuchen',
  notices: 'Hinweise',
  picture: 'Bild von {name}',
  reactions: 'Reaktionen',
  names:
    'Hafen|Laterne|Wacholder|Wiese|Kiesel|Fluss|Weide|Glut|Zeder|Wolke|Klee|Düne|Feder|Farn|Garten|Hasel|Heidekraut|Insel|Leinen|Ahorn|Moos|Hain|Regen|Brise',

  'time.today': 'Heute',
  'time.yesterday': 'Gestern',

  'connection.connecting': 'Verbindet …',
  'connection.online': 'Verbunden',
  'connection.offline': 'Offline',
  'connection.waiting': 'Versucht es bald wieder',
  'connection.refused': 'Nicht eingelassen',

  'notice.offline': 'Du bist offline. Was du schreibst, bleibt hier und geht raus, sobald du wieder da bist.',
  'notice.refused':
    'Diese Seite kommt nicht zum Relay durch. Vielleicht ist sie zu alt: Schließe sie und öffne sie neu.',
  'notice.skew':
    'Die Uhr dieses Geräts scheint falsch zu gehen. Stelle sie richtig, sonst stimmen auch hier die Zeiten nicht.',
  'notice.full': 'Dieses Gerät ist voll. Neue Nachrichten können erst bleiben, wenn du etwas Platz machst.',
  'notice.relayLost':
    'Das Relay hat verloren, was es aufbewahrte. Was noch nicht angekommen war, wird von selbst neu gesendet.',
  'notice.notPersistent':
    'Dieser Browser löscht vielleicht, was hier liegt, wenn er Platz braucht. Mit einer versiegelten Kopie bist du sicher.',
  'notice.timer': 'Ab hier bleiben Nachrichten {time}, dann verschwinden sie.',
  'notice.timerOff': 'Ab hier bleiben Nachrichten.',
  'notice.relayIncoming':
    'Das Relay hat verloren, was es aufbewahrte. Hier fehlt vielleicht etwas, das dir geschickt wurde.',
  'notice.relayOutgoing':
    'Das Relay hat verloren, was es aufbewahrte. Vielleicht kam etwas von dir nicht an.',
  'notice.left': 'Diese Person hat das Gespräch verlassen.',
  'notice.retired': 'Diese Person hat sich verabschiedet.',
  'notice.other':
    'Hier ging etwas schief. Was du geschrieben hast, ist noch da. Passiert es wieder, dann öffne die Seite neu.',

  'update.ready': 'Eine neue Version ist da.',
  'update.take': 'Jetzt nehmen',

  'welcome.title': 'Ein ruhiger Ort zum Reden',
  'welcome.lead': 'Sag, was sich anderswo schwer sagen lässt, ganz ohne deinen Namen.',
  'welcome.you': 'Das bist hier du',
  'welcome.another': 'Ein anderer Name',
  'welcome.begin': 'Mit jemandem reden, den ich kenne',
  'welcome.answer': 'Einladung annehmen',
  'welcome.peers':
    'Menschen wie du. Keine Therapie und kein Notdienst. Wenn du jetzt Hilfe brauchst, tippe auf Hilfe.',
  'welcome.adults': 'Für Erwachsene. Wenn du jünger bist: Unter Hilfe stehen Nummern für junge Menschen.',
  'welcome.private':
    'Kein Konto, keine Telefonnummer, keine E-Mail. Was du schreibst, wird auf diesem Gerät versiegelt.',

  'leaving.short': 'Um schnell weg zu sein, tippe auf „{button}“ oder drücke dreimal die Umschalttaste.',
  'leaving.more': 'Wie das geht',
  'leaving.about': 'Was es tut und was es nicht kann',
  'leaving.does':
    'Eine leere Seite deckt sofort alles zu. Dann wird aus dieser Seite {site}. Das geht auch ohne Netz.',
  'leaving.lock': 'Wenn du eine PIN oder Passphrase hast, wird sie beim Zurückkommen verlangt.',
  'leaving.cannot':
    'Es kann nicht verbergen, dass du hier warst: Das steht vielleicht im Verlauf des Browsers. Ein privates Fenster merkt sich keinen Verlauf. Gegen eine Spionage-App auf deinem Gerät hilft es nicht.',
  'leaving.try': 'Ausprobieren',

  'talks.title': 'Gespräche',
  'talks.youAre': 'Du bist',
  'talks.change': 'Wechseln',
  'talks.search': 'Suchen',
  'talks.empty': 'Noch keine Gespräche. Lade jemanden ein, den du kennst, oder nimm eine Einladung an.',
  'talks.beginHere': 'Hier stehen später deine Gespräche.',
  'talks.chooseOne': 'Wähle ein Gespräch, um es hier zu lesen.',
  'talks.waiting': 'Wartet auf Antwort',
  'talks.retired': 'Hat sich verabschiedet',
  'talks.blocked': 'Blockiert',
  'talks.left': 'Du bist gegangen',
  'talks.draft': 'Entwurf: {text}',
  'talks.new': 'Neu',
  'talks.inMessages': 'In Nachrichten',
  'talks.nothingFound': 'Nichts gefunden.',
  'talks.gone': 'Dieses Gespräch ist nicht mehr hier.',

  'connect.title': 'Mit jemandem reden, den ich kenne',
  'connect.make': 'Jemanden einladen',
  'connect.makeWords':
    'Du bekommst einen Link und einen Code. Gib ihn einem einzigen Menschen, auf einem Weg, dem du traust.',
  'connect.makeButton': 'Einladung machen',
  'connect.have': 'Ich habe eine Einladung',
  'connect.paste': 'Link einfügen',
  'connect.scan': 'Code scannen',

  'scan.camera': 'Kamera benutzen',
  'scan.picture': 'Bild auswählen',
  'scan.noCamera': 'Die Kamera geht nicht. Du kannst stattdessen ein Bild vom Code auswählen.',
  'scan.nothing': 'In diesem Bild ist kein Code. Nimm eines, das schärfer oder näher ist.',

  'invite.title': 'Deine Einladung',
  'invite.making': 'Einladung wird gemacht …',
  'invite.words':
    'Lass einen Menschen das scannen oder schick ihm den Link. Du kannst das hier schließen: Die Antwort findet dich.',
  'invite.code': 'Code mit dem Einladungslink',
  'invite.link': 'Einladungslink',
  'invite.once': 'Sie gilt einmal, für einen Menschen.',
  'invite.onceUntil': 'Sie gilt einmal, für einen Menschen, bis {day}.',
  'invite.unused': '{count, plural, one {# offene Einladung} other {# offene Einladungen}}',
  'invite.revoke': 'Diese Einladung zurückziehen',
  'invite.answered': '{name} hat geantwortet.',
  'invite.open': 'Gespräch öffnen',

  'accept.title': 'Du bist eingeladen',
  'accept.words':
    'Jemand möchte mit dir reden. Wenn du antwortest, sieht diese Person den Namen, den du hier wählst, und sonst nichts von dir.',
  'accept.arrived': 'Du hast eine Einladung geöffnet.',
  'accept.look': 'Ansehen',
  'accept.as': 'Antworten als',
  'accept.asNew': 'Jemand Neues, mit frischem Namen',
  'accept.answer': 'Einladung annehmen',

  'thread.label': 'Nachrichten',
  'thread.details': 'Über dieses Gespräch',
  'thread.compared': 'Sicherheitsnummer verglichen',
  'thread.timer': 'Nachrichten bleiben {time}',
  'thread.earlier': 'Frühere Nachrichten …',
  'thread.begin': 'Hier fängt es an. Nur du und {name} könnt lesen, was ihr hier schreibt.',
  'thread.beginWaiting': 'Du kannst schon schreiben. {name} liest es später.',
  'thread.newest': 'Zum Neuesten',
  'thread.unread': 'Ab hier neu',
  'thread.heard': '{name}: {text}',
  'thread.retired':
    '{name} hat sich verabschiedet und liest hier nicht mehr. Was gesagt wurde, bleibt, bis du es löschst.',
  'thread.blocked': 'Du hast diese Person blockiert. Nichts von ihr erreicht dich.',
  'thread.left': 'Du hast dieses Gespräch verlassen. Was gesagt wurde, bleibt, bis du es löschst.',

  'message.you': 'Du',
  'message.replyTo': 'Antwort auf',
  'message.more': 'Mehr zur Nachricht von {time}',
  'message.deeds': 'Was du mit dieser Nachricht tun kannst',
  'message.react': 'Mit einem freundlichen Wort antworten',
  'message.reply': 'Antworten',
  'message.edit': 'Ändern',
  'message.retract': 'Zurücknehmen',
  'message.warning': 'Es geht um: {what}',
  'message.show': 'Zeigen',
  'message.edited': 'geändert',
  'message.goneIn': 'noch {time}',
  'message.going': 'verschwindet gerade',
  'message.gap':
    '{count, plural, one {Hier fehlt eine Nachricht. Vielleicht ist sie verloren.} other {Hier fehlen # Nachrichten. Vielleicht sind sie verloren.}}',
  'message.restart': 'Das Gespräch fing hier neu an, mit frischen Siegeln. Vielleicht fehlt etwas.',
  'message.newer': 'Für diese Nachricht braucht es eine neuere Version dieser Seite.',
  'message.retracted': 'Diese Nachricht wurde zurückgenommen.',
  'message.retractedMine': 'Du hast diese Nachricht zurückgenommen.',

  'delivery.waiting': 'wartet darauf, rauszugehen',
  'delivery.kept': 'gesendet, aufbewahrt bis {day}',
  'delivery.failed': 'Das ging nicht raus.',

  'reaction.with-you': 'bin bei dir',
  'reaction.me-too': 'ich auch',
  'reaction.thank-you': 'danke',
  'reaction.take-your-time': 'lass dir Zeit',
  'reaction.a-hug': 'eine Umarmung, wenn du magst',

  'link.label': 'Ein Link in dieser Nachricht',
  'link.leads': 'Das führt von hier weg, nach:',
  'link.open': 'In neuem Tab öffnen',

  'composer.label': 'Schreib an {name}',
  'composer.placeholder': 'Hier schreiben',
  'composer.send': 'Senden',
  'composer.warn': 'Inhaltswarnung',
  'composer.warning': 'Was sollte man vor dem Lesen wissen?',
  'composer.warningExample': 'zum Beispiel: Trauer',
  'composer.replying': 'Antwort auf:',
  'composer.editing': 'Wird geändert:',
  'composer.details': 'Das könnte verraten, wer du bist. Es sieht aus wie: {what}. Möchtest du es senden?',
  'composer.change': 'Ändern',
  'composer.anyway': 'Trotzdem senden',

  'details.title': 'Über dieses Gespräch',
  'details.timer': 'Nachrichten verschwinden',
  'details.timerOff': 'Nie von selbst',
  'details.timerWords': 'Für euch beide, ab jetzt. Jemand kann trotzdem den Bildschirm fotografieren.',
  'details.compared': 'Du hast verglichen. {name} ist die Person, die du meinst, und niemand ist dazwischen.',
  'details.notCompared': 'Wenn du {name} kennst, könnt ihr zusammen prüfen, dass niemand dazwischen ist.',
  'details.compare': 'Vergleichen',
  'details.ends': 'Dieses Gespräch beenden',

  'compare.title': 'Sicherheitsnummer',
  'compare.words':
    'Lest euch diese Ziffern vor oder scannt gegenseitig eure Codes. Sind sie gleich, dann könnt nur du und {name} das hier lesen.',
  'compare.digits': 'Ziffern der Sicherheitsnummer',
  'compare.code': 'Code der Sicherheitsnummer',
  'compare.mark': 'Wir haben die Ziffern verglichen: Sie sind gleich',
  'compare.scan': 'Code der anderen Person scannen',
  'compare.same': 'Gleich. Nur ihr zwei könnt das hier lesen.',
  'compare.different':
    'Nicht gleich. Scanne noch einmal. Bleibt es so, dann schreibe hier nichts, was andere nicht lesen dürfen.',

  'block.title': 'Blockieren',
  'block.words': 'Nichts von {name} erreicht dich mehr. Die Person erfährt es nicht.',

  'leaveTalk.title': 'Verlassen',
  'leaveTalk.words': '{name} sieht, dass du gegangen bist. Was gesagt wurde, bleibt hier, bis du es löschst.',

  'delete.title': 'Löschen',
  'delete.words': 'Alles aus diesem Gespräch wird von diesem Gerät gelöscht. Die andere Person behält ihres.',

  'settings.title': 'Einstellungen',
  'settings.version': 'Version {version}',

  'personas.title': 'Deine Namen',
  'personas.about': 'Mehrere Namen, die niemand verbinden kann',
  'personas.words':
    'Jeder Name ist für andere jemand anderes. Nichts verbindet sie: nicht die Menschen, mit denen du redest, und nicht das Relay.',
  'personas.current': 'Wird gezeigt',
  'personas.online': 'Verbunden',
  'personas.away': 'Ruht: Nichts kommt an',
  'personas.retired': 'Verabschiedet',
  'personas.use': 'Diesen nehmen',
  'personas.more': 'Mehr',
  'personas.stayOnline': 'Verbunden, auch wenn ich jemand anderes bin',
  'personas.new': 'Ein neuer Name',
  'personas.make': 'Diesen Namen nehmen',

  'retire.title': 'Mit diesem Namen verabschieden',
  'retire.words':
    'Die Menschen, mit denen du redest, erfahren, dass du weg bist. Du kannst weiter lesen, was gesagt wurde.',
  'retire.yes': 'Verabschieden',

  'burn.title': 'Diesen Namen vernichten',
  'burn.words':
    'Seine Schlüssel und alles Gesagte werden sofort vernichtet. Niemand erfährt es. Das lässt sich nicht zurücknehmen.',
  'burn.yes': 'Vernichten',

  'protect.title': 'Sperre',
  'protect.about': 'PIN oder Passphrase, und wann gesperrt wird',
  'protect.on': 'Diese Seite ist mit PIN oder Passphrase gesperrt.',
  'protect.off': 'Wer dieses Gerät in der Hand hat, kann hier alles lesen. Eine Sperre hilft.',
  'protect.lockNow': 'Jetzt sperren',
  'protect.set': 'Sperre einrichten',
  'protect.change': 'Sperre ändern',
  'protect.current': 'Die du jetzt benutzt',
  'protect.kind': 'Art der Sperre',
  'protect.pinStops': 'Schützt vor einem Blick. Nicht vor jemandem, der das Gerät nimmt und sich auskennt.',
  'protect.passphraseStops':
    'Vier oder fünf Wörter, die niemand errät. Schützt vor den meisten, die das Gerät nehmen.',
  'protect.new.pin': 'Neue PIN',
  'protect.new.passphrase': 'Neue Passphrase',
  'protect.length': '{count, plural, one {Mindestens # Zeichen} other {Mindestens # Zeichen}}',
  'protect.again': 'Noch einmal',
  'protect.differs': 'Die beiden sind nicht gleich.',
  'protect.noWayBack': 'Wenn du sie vergisst, kann niemand das hier wieder öffnen, auch wir nicht.',
  'protect.save': 'Einrichten',
  'protect.saved': 'Die Sperre ist eingerichtet.',
  'protect.remove': 'Sperre entfernen',
  'protect.removed': 'Die Sperre ist entfernt.',
  'protect.lockAfter': 'Von selbst sperren nach',
  'protect.never': 'Nie',
  'protect.notify': 'Sag mir, wenn hier etwas Neues ist',
  'protect.notifyWords':
    'Gezeigt wird nur „{name}“, nie wer oder was. Es geht, solange diese Seite offen ist.',

  'secret.pin': 'PIN',
  'secret.passphrase': 'Passphrase',
  'secret.show': 'Zeigen, was ich tippe',

  'locked.title': 'Gesperrt',
  'locked.open': 'Öffnen',
  'locked.opening': 'Öffnet …',
  'locked.forgot': 'Ich habe sie vergessen',
  'locked.forgotWords': 'Dann kann niemand öffnen, was hier ist. Du kannst es löschen und neu anfangen.',

  'appearance.title': 'Sprache und Aussehen',
  'appearance.about': 'Sprache, Farben, Bewegung',
  'appearance.language': 'Sprache',
  'appearance.colours': 'Farben',
  'appearance.auto': 'Wie dieses Gerät',
  'appearance.light': 'Hell',
  'appearance.dark': 'Dunkel',
  'appearance.contrast': 'Mehr Kontrast',
  'appearance.motion': 'Weniger Bewegung',

  'copy.title': 'Versiegelte Kopie aufheben',
  'copy.about': 'Zur Sicherheit oder für ein anderes Gerät',
  'copy.words':
    'Du bekommst eine Datei, die nur deine Passphrase öffnet. Hebe sie auf, wo nur du sie findest.',
  'copy.move': 'Sie woanders zu öffnen ist ein Umzug: Dieser Browser ist dann nicht mehr du.',
  'copy.passphrase': 'Passphrase für die Kopie',
  'copy.save': 'Kopie machen',
  'copy.done': 'Die Kopie liegt in deinen Downloads.',

  'restore.have': 'Ich habe eine versiegelte Kopie',
  'restore.title': 'Mit einer Kopie einziehen',
  'restore.words':
    'Wähle die Datei, die du aufgehoben hast, und gib ihre Passphrase ein. Das Gerät, von dem sie kam, ist dann nicht mehr du.',
  'restore.file': 'Die Datei',
  'restore.bring': 'Einziehen',
  'restore.notHere': 'Hier ist schon etwas. Lösche es zuerst, wenn du mit einer Kopie einziehen möchtest.',

  'erase.title': 'Alles löschen',
  'erase.about': 'Alles aus diesem Browser nehmen',
  'erase.words':
    'Alle Namen, Gespräche und Schlüssel werden aus diesem Browser gelöscht. Das lässt sich nicht zurücknehmen.',
  'erase.others':
    'Die Menschen, mit denen du redest, behalten, was du ihnen geschickt hast, und erfahren nichts davon.',
  'erase.cannot': 'Im Verlauf des Browsers steht vielleicht noch, dass du hier warst.',
  'erase.yes': 'Jetzt alles löschen',

  'relay.title': 'Was das Relay weiß',
  'relay.about': 'Was es sieht und was es versprochen hat',
  'relay.words': 'Das Relay ist der Computer, der deine versiegelten Nachrichten weitergibt.',
  'relay.never': 'Das hat es nie',
  'relay.never.text':
    'Was du schreibst, deine Reaktionen, wann eine Nachricht verschwindet: Alles wird hier versiegelt.',
  'relay.never.names': 'Deinen Namen, deine Nummer, E-Mail oder ein Konto.',
  'relay.never.pairs': 'Wer mit wem redet: Jede Richtung hat eine eigene Adresse.',
  'relay.never.logs': 'Ein Tagebuch darüber, wer verbunden war: Es führt keines.',
  'relay.sees': 'Das könnte es sehen, wenn jemand es dafür umbaut',
  'relay.sees.address': 'Die Internetadresse, von der du kommst.',
  'relay.sees.time': 'Wann du verbunden bist und wann etwas kommt oder geht.',
  'relay.sees.together': 'Welche seiner Adressen ein Gerät zur selben Zeit benutzt.',
  'relay.tor': 'Nur Tor oder ein Proxy verbirgt, woher du kommst.',
  'relay.published': 'Was dieses Relay versprochen hat',
  'relay.unknown': 'Das Versprechen des Relays ist noch nicht da. Es kommt, wenn du verbunden bist.',
  'relay.kept': 'Soweit man es von hier sieht, hält es sich daran.',
  'relay.notChecked': 'Es konnte noch nicht geprüft werden.',
  'relay.broken': 'Es hält sich nicht an das, was es versprochen hat:',
  'relay.address': 'Adresse',
  'relay.keeps': 'Behält eine Nachricht, die niemand abholt',
  'relay.keepsDays': '{days, plural, one {# Tag} other {# Tage}}',
  'relay.durability': 'Wenn es „aufbewahrt“ sagt',
  'relay.admission': 'Wer es benutzen darf',
  'relay.operator': 'Wer es betreibt',
  'relay.contact': 'So erreichst du sie',
  'relay.software': 'Programm',

  'elsewhere.title': 'In einem anderen Tab offen',
  'elsewhere.words': 'Das hier geht nur in einem Tab zur selben Zeit. Nichts ist verloren.',
  'elsewhere.take': 'Hier benutzen',

  'lost.title': 'Der Browser hat gelöscht, was hier war',
  'lost.words':
    'Das passiert, wenn ein Gerät keinen Platz mehr hat oder nach langer Zeit ohne Besuch. Deine Namen und Gespräche sind aus diesem Browser verschwunden.',
  'lost.begin': 'Neu anfangen',

  'newer.title': 'Hier war schon eine neuere Version',
  'newer.words':
    'Was hier liegt, hat eine neuere Version dieser Seite geschrieben. Nichts ist verloren: Lade die Seite neu, um sie zu bekommen.',
  'newer.reload': 'Neu laden',

  'foreign.title': 'Das gehört zu etwas anderem',
  'foreign.words':
    'Im Speicher dieses Browsers liegt etwas, das nicht von dieser Seite ist. Es bleibt unberührt.',

  'corrupt.title': 'Was hier liegt, lässt sich nicht lesen',
  'corrupt.words':
    'Der Speicher dieses Browsers ist beschädigt. Vielleicht hilft ein neuer Versuch. Wenn nicht, hilft nur Löschen.',

  'damaged.code': 'Für die, die dir helfen: {code}',

  'unsupported.title': 'Dieser Browser kann das nicht',
  'unsupported.storage':
    'Er bewahrt hier nichts auf. Private Fenster mancher Browser sind so: Nimm ein normales Fenster oder einen anderen Browser.',
  'unsupported.wasm':
    'Er kann den Teil nicht ausführen, der deine Nachrichten versiegelt. Ein neuerer Browser kann es.',
  'unsupported.worker':
    'Er konnte den Teil nicht starten, der deine Nachrichten versiegelt. Lade die Seite neu oder nimm einen neueren Browser.',

  'error.secret': 'Das stimmt nicht. Versuche es noch einmal.',
  'error.inviteUsed': 'Diese Einladung wurde schon benutzt oder zurückgezogen. Bitte um eine neue.',
  'error.inviteExpired': 'Diese Einladung ist zu alt. Bitte um eine neue.',
  'error.inviteBroken': 'Das ist keine ganze Einladung. Kopiere den Link noch einmal, und zwar alles.',
  'error.inviteOwn': 'Das ist deine eigene Einladung. Gib sie jemand anderem.',
  'error.full': 'Dafür ist gerade kein Platz. Versuche es später noch einmal.',
  'error.offline': 'Gerade gibt es keine Verbindung. Versuche es wieder, wenn du online bist.',
  'error.tooLong': 'Das ist zu lang. Schicke es in Teilen.',
  'error.copy': 'Diese Kopie lässt sich nicht öffnen. Prüfe die Datei und die Passphrase.',
  'error.other': 'Das hat nicht geklappt. Versuche es noch einmal. ({code})',

  'help.title': 'Hilfe',
  'help.noCountry': 'Wähle dein Land, um zu sehen, wen du anrufen kannst.',
  'help.noLines':
    'Für dieses Land kennen wir noch keine Nummer. Wenn dein Leben in Gefahr ist, ruf den Notruf dort an, wo du bist.',
  'help.country': 'Land',
  'help.chooseCountry': 'Auswählen',
  'help.countryWords': 'Das bleibt auf diesem Gerät. Niemand erfährt, dass du nachgesehen hast.',
  'help.young': 'Ich bin unter 18',
  'help.honest':
    'Wir sehen nicht, wer oder wo du bist, und können deshalb keine Hilfe schicken. Niemand hat diese Nummern zur Probe angerufen.',

  'breathe.title': 'Atme mit mir',
  'breathe.words': 'Anderthalb Minuten. Hör auf, wann du willst.',
  'breathe.begin': 'Anfangen',
  'breathe.stop': 'Aufhören',
  'breathe.again': 'Zurück zum Anfang',

  'care.emergency': 'Wenn dein Leben jetzt in Gefahr ist, ruf an:',
  'care.emergency.any': 'Notruf',
  'care.emergency.ambulance': 'Rettungsdienst',
  'care.emergency.police': 'Polizei',
  'care.emergency.mobileOnly': 'Nur vom Handy',
  'care.oneLine': 'Jemand zum Reden',
  'care.ifNobody': 'Wenn niemand rangeht',
  'care.ifNobody.again': 'Versuche es in ein paar Minuten noch einmal. Viele kommen beim zweiten Mal durch.',
  'care.ifNobody.otherContact': 'Versuche einen anderen Weg zu ihnen, etwa SMS oder Chat.',
  'care.ifNobody.row': 'Versuche {name}.',
  'care.ifNobody.international': 'Suche eine andere Nummer auf findahelpline.com.',
  'care.ifNobody.emergency': 'Wenn du in Gefahr bist, ruf den Notruf an.',
  'care.others': 'Andere Wege',
  'care.international': 'Nummern in anderen Ländern:',
  'care.state.open': 'Jetzt offen',
  'care.state.closed': 'Jetzt geschlossen',
  'care.state.unknown': 'Zeiten nicht bekannt',
  'care.checkedOn': 'Geprüft am {date}.',
  'care.stale': 'Das ist lange her: Es kann sich geändert haben.',
  'care.method.call': 'Anrufen',
  'care.method.text': 'SMS',
  'care.method.chat': 'Chat',
  'care.method.whatsapp': 'WhatsApp',
  'care.method.email': 'E-Mail',
  'care.textKeyword': 'Schreibe zuerst {keyword}.',
  'care.extension': 'Tippe dann {extension}.',
  'care.cost.free': 'Kostenlos',
  'care.cost.charged': 'Kostet etwas',
  'care.breathe.inhale': 'Einatmen',
  'care.breathe.hold': 'Halten',
  'care.breathe.exhale': 'Ausatmen',
  'care.breathe.rest': 'Ruhen',
  'care.breathe.done': 'Gut gemacht. Bleib, so lange du magst.',
  'care.personal.phone': 'eine Telefonnummer',
  'care.personal.email': 'eine E-Mail-Adresse',
  'care.personal.handle': 'ein Name von anderswo',
  'care.personal.link': 'ein Link',
  'care.personal.address': 'eine Anschrift',
};
