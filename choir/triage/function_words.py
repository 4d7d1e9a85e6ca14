"""Words that hold a sentence together and say nothing by themselves: never named as what led to an answer.

Words that turn or ask (not, never, why, nicht, warum, pas…) are left out of the list on purpose: they do lead to
answers. So are words that are an article in one language and a danger in another (die, war).
"""

_LISTED = """
    a an the this that these those and or but if so as of at by for from in into on onto to with about than then
    there here i me my mine you your yours he him his she her it its we us our they them their who whom which what
    is are was were be been being am do does did done has have had having will would shall should can could may
    might i'm i've i'd i'll you're it's that's we're they're just also very too up out over der das den dem des ein
    eine einen einem einer eines und oder aber wenn so als von am an bei für aus in ins im auf zu zum zur mit über
    ich mich mir mein meine du dich dir dein er ihn ihm sein sie ihr es wir uns unser euch ihnen wer was ist sind
    waren sein bin bist hat habe haben hatte wird werden würde kann könnte auch sehr schon noch da dass le la les l
    un une des du de d et ou mais si que qui à au aux en dans sur par pour avec je j me m mon ma mes tu te ton ta il
    elle on nous vous ils elles se s son sa ses leur ce cet cette ces c'est est sont était suis as a avons avez ont
    être avoir y aussi très el los las lo uno una unos unas del al y e o u pero como con por para sin sobre yo mi
    mis tú tu tus él ella ello nosotros ustedes ellos ellas su sus este esta esto ese esa eso es son era soy está
    están he ha han hay ser muy también il lo gli i uno della dello delle dei degli del al alla alle con per tra fra
    io mio mia tu tuo tua lui lei noi voi loro suo sua questo questa quello quella è sono era ho hai hanno abbiamo
    essere che chi anche molto o os as um uma uns umas do da dos das na nos nas ao à em com por para eu meu minha tu
    teu você ele ela nós eles elas seu sua este esta isto esse essa isso é são era sou está estão tenho tem ser
    muito também e de het een en of maar als van bij voor uit met over ik mij mijn jij je jouw hij hem zijn zij haar
    wij ons onze jullie hun dit dat deze is zijn was waren ben heeft heb hebben wordt kan ook zeer
"""

FUNCTION_WORDS = frozenset(_LISTED.split())


def says_nothing(word: str) -> bool:
    """Whether a word, however it is written, only holds a sentence together."""
    return word.casefold().replace("’", "'") in FUNCTION_WORDS
