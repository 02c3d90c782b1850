"""Passwords that are guessed first: common words and walks over the keyboard, in both alphabets.

The list is our own: the words that head every published list of leaked passwords, English and
Russian, with names and places of the region. Whatever is only such a word with signs around it, in
another alphabet's keys or with signs for letters, is as common as the word itself.
"""

import unicodedata

WORDS = frozenset(
    """
    password passwd pass passphrase secret letmein welcome login signin admin administrator root
    user guest test tester testing demo default changeme master superman batman spiderman dragon
    monkey shadow sunshine princess football baseball basketball hockey soccer iloveyou lovely
    trustno access mustang michael jordan jennifer jessica charlie daniel thomas robert andrew
    george hunter ranger harley cookie pepper ginger summer winter autumn spring freedom whatever
    nothing computer internet server windows google yandex facebook vkontakte telegram samsung
    iphone android starwars pokemon naruto minecraft hello helloworld qwerty qwertyuiop asdfgh
    asdfghjkl zxcvbn zxcvbnm qazwsx qazwsxedc zaqwsx qweasd qweasdzxc asdzxc abcdef abcdefg
    abcdefgh abcdefghij abc killer ninja azerty solo flower loveme lovelove babygirl family forever
    friends angel angels money blessed jesus chocolate butterfly purple orange banana cheese
    college school student teacher university workshop artel cluster company
    пароль секрет админ администратор пользователь гость тест логин вход привет любовь люблю
    люблютебя солнышко солнце зайка зайчик котенок кошка собака медведь тигр дракон красотка
    красавица принцесса ангел мама папа мамочка бабушка дедушка семья дети россия москва смоленск
    спартак зенит динамо локомотив футбол хоккей наташа настя анастасия саша александр дима
    дмитрий сергей андрей алексей максим никита кирилл ольга елена татьяна марина ирина светлана
    екатерина катя юля юлия виктория владимир николай йцукен йцукенг йцукенгшщз фывапр фывапролдж
    ячсмит ячсмитьбю абвгд абвгде абвгдеж колледж школа техникум университет студент учитель
    преподаватель мастер мастерская артель кластер компания директор бухгалтер
    parol privet lubov lubovl liubov lyublyu solnyshko zaika zaichik kotenok koshka sobaka medved
    natasha nastya anastasia anastasiya sasha alexander aleksandr dima dmitry dmitriy sergey
    andrey alexey aleksey maxim maksim nikita kirill olga elena tatyana tatiana marina irina
    svetlana ekaterina katya yulia viktoria vladimir nikolay rossiya russia moscow moskva smolensk
    spartak zenit dinamo lokomotiv roslavl vyazma safonovo yartsevo
    """.split()  # noqa: SIM905 - a list that people read and mend
)

ROWS = (
    "`1234567890-=",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю.",
    "abcdefghijklmnopqrstuvwxyz",
    "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "1йфя2цыч3увс4кам5епи6нрт7гоь8шлб9щдю0зж",
    "qazwsxedcrfvtgbyhnujmikolp",
    "йфяцычувскамепинртгоьшлбщдюзж",
    "1q2w3e4r5t6y7u8i9o0p",
    "1й2ц3у4к5е6н7г8ш9щ0з",
    "q1w2e3r4t5y6u7i8o9p0",
    "й1ц2у3к4е5н6г7ш8щ9з0",
)
"""Ways over the keyboard and through the alphabet; each is gone both ways."""

_LATIN_KEYS = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
_RUSSIAN_KEYS = "йцукенгшщзхъфывапролджэячсмитьбюё"
_TO_RUSSIAN = str.maketrans(_LATIN_KEYS, _RUSSIAN_KEYS)
_TO_LATIN = str.maketrans(_RUSSIAN_KEYS, _LATIN_KEYS)
_SIGNS = str.maketrans("@4301!$57", "aaeoiisst")
_SHORT = 16
"""Digits, repeats and ways of more signs than this stand on nobody's list."""
_STEP_MIN = 3
_UNIT_MAX = 4
_NAME_MIN = 5


def is_guessed_first(password: str, email: str) -> bool:
    """Whether the password is among those that are tried first, or says no more than the e-mail."""
    folded = _folded(password)
    is_short = len(folded) <= _SHORT
    if is_short and (folded.isdigit() or _repeats(folded) or _walks(folded)):
        return True
    names = _names(email)
    for text in (
        folded,
        _core(folded).translate(_SIGNS),
        folded.translate(_TO_RUSSIAN),
        folded.translate(_TO_LATIN),
    ):
        letters = "".join(sign for sign in text if sign.isalpha())
        if _core(text) in WORDS or letters in WORDS or letters in names:
            return True
    return False


def _folded(password: str) -> str:
    return unicodedata.normalize("NFKC", password).casefold().replace("ё", "е").strip()


def _core(text: str) -> str:
    """The text without the signs and digits around it."""
    first = next((at for at, sign in enumerate(text) if sign.isalpha()), len(text))
    last = next((at for at in range(len(text), first, -1) if text[at - 1].isalpha()), first)
    return text[first:last]


def _repeats(text: str) -> bool:
    """Whether a few signs come again and again."""
    return any(
        len(text) >= 2 * unit and text == (text[:unit] * len(text))[: len(text)]
        for unit in range(1, _UNIT_MAX + 1)
    )


def _walks(text: str) -> bool:
    """Whether all of it is made of ways over the keyboard or through the alphabet."""
    ends = {0}
    for end in range(_STEP_MIN, len(text) + 1):
        if any(
            start in ends and _is_way(text[start:end])
            for start in range(end - _STEP_MIN, max(-1, end - 41), -1)
        ):
            ends.add(end)
    return len(text) in ends and bool(text)


def _is_way(part: str) -> bool:
    return any(part in row or part[::-1] in row for row in ROWS) or part == part[0] * len(part)


def _names(email: str) -> set[str]:
    """What an e-mail says by itself: its two sides, with letters alone."""
    local, _, domain = _folded(email).partition("@")
    sides = (local, domain, local + domain, domain.rpartition(".")[0])
    letters = ("".join(sign for sign in side if sign.isalpha()) for side in sides)
    return {side for side in letters if len(side) >= _NAME_MIN}
