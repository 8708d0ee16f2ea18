"""IO: trains the weights by which the scan tells names of people from other words; prints client/scan/words/name-weights.ts.

    python -m venv /tmp/names && /tmp/names/bin/pip install mimesis==22.2.0 names==0.3.0 numpy
    /tmp/names/bin/python bench/name-weights.py > client/scan/words/name-weights.ts

Names: mimesis's of eighteen locales (MIT) and the US census of 1990's, as `names` has them (public domain). Other
words: mimesis's words, places, trades, foods, colours, months. Not Faker's, on which the scan is measured.
Logistic regression on the letters of ^word$ in twos, threes and fours, hashed (FNV-1a) into 2^15 weights.
"""

import base64
import json
import re
import unicodedata
import zlib
from pathlib import Path

import mimesis
import names
import numpy as np

BITS = 15
LOCALES = "en de fr it es es-mx pt pt-br nl pl sv da no fi cs hu tr".split()
LETTERS = {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe"}
DATA = Path(mimesis.__file__).parent / "datasets"


def plain(text):
    apart = unicodedata.normalize("NFD", text.lower())
    return "".join(LETTERS.get(c, c) for c in apart if not unicodedata.combining(c))


def words(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from words(one)
    elif isinstance(value, str):
        yield from (w for w in re.findall(r"[a-z]+", plain(value)) if len(w) >= 3)


def read(locale, name):
    path = DATA / locale / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else {}


def features(word):
    framed = f"^{word}$"
    for size in (2, 3, 4):
        for at in range(len(framed) - size + 1):
            h = 0x811C9DC5
            for c in framed[at : at + size]:
                h = ((h ^ ord(c)) * 0x01000193) & 0xFFFFFFFF
            yield (h ^ (h >> BITS)) & ((1 << BITS) - 1)


positive, negative = {}, {}
for locale in LOCALES:
    person = read(locale, "person")
    # Given and family names weigh the same, however many there are.
    for key in ("names", "surnames"):
        mine = set(words(person[key]))
        for w in mine:
            positive[w] = max(positive.get(w, 0), 1 / len(mine) ** 0.5)
    other = set()
    for name, keys in dict(text=["words", "color"], address=["city", "state", "country"], food=None, person=["occupation", "language", "nationality", "title"], date=None).items():
        data = read(locale, name)
        other |= set(words([data.get(k, []) for k in keys] if keys else data))
    for w in other:
        negative[w] = max(negative.get(w, 0), 1 / len(other) ** 0.5)
folder = Path(names.__file__).parent
for file, most in {"dist.female.first": 3000, "dist.male.first": 1219, "dist.all.last": 30000}.items():
    for line in (folder / file).read_text().splitlines()[:most]:
        for w in words(line.split()[0]):
            positive.setdefault(w, 1 / most**0.5)

data = [(w, 1, k) for w, k in positive.items()] + [(w, 0, k) for w, k in negative.items() if w not in positive]
y = np.array([d[1] for d in data], float)
weight = np.array([d[2] for d in data])
for side in (0, 1):
    weight[y == side] *= 0.5 / weight[y == side].sum()
rows, cols = [], []
for i, (w, _, _) in enumerate(data):
    for f in set(features(w)):
        rows.append(i)
        cols.append(f)
rows, cols = np.array(rows), np.array(cols)
theta, bias, square = np.zeros(1 << BITS), 0.0, np.full(1 << BITS, 1e-12)
for step in range(400):
    z = np.bincount(rows, theta[cols], len(data)) + bias
    error = weight * (1 / (1 + np.exp(-z)) - y)
    gradient = np.bincount(cols, error[rows], 1 << BITS) + 3e-6 * theta
    square += gradient**2
    theta -= 0.25 * gradient / np.sqrt(square)
    bias -= 2 * error.sum()
scale = 0.06
bytes_ = np.clip(np.round(theta / scale), -127, 127).astype(np.int8)
packed = base64.b64encode(zlib.compress(bytes_.tobytes(), 9)).decode()
print("/** Written by bench/name-weights.py: 2^15 signed bytes, deflated, as base64. From mimesis' words (MIT) and the US census of 1990 (public domain). */")
print(f"export const NAME_BIAS = {round(bias / scale, 2)};")
print(f'export const NAME_WEIGHTS =\n  "{packed}";')
