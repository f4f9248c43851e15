"""Writes the table of expressions with what CPython makes of them, or checks that it still holds.

    python3 cpython.py           checks cpython.json
    python3 cpython.py --write   writes it

Objects of the state can be asked for their members with a dot, as in a flow; everything else is Python's own.
"""

import json
import pathlib
import sys

STATE = {
    "a": {"b": [1, 2, 3], "c": {"d": "deep"}, "name": "file.txt"},
    "text": "/home/lab/data/file.tar.gz",
    "words": "one two  three",
    "n": 7,
    "f": 2.5,
    "neg": -7,
    "yes": True,
    "no": False,
    "nothing": None,
    "items": [{"name": "x", "size": 3, "type": "file"}, {"name": "y", "size": 0, "type": "dir"}],
    "empty": [],
    "uni": "Straße Ünï",
    "pairs": [["k", 1], ["l", 2]],
}

EXPRESSIONS = r"""
1
-1
+3
1_000
0x1f
0b101
0o17
1.5
.5
1.
1e3
1.5e-7
1e16
1e22
123456789012345680.0
0.1 + 0.2
True
False
None
'single'
"double"
'it''s'
"a" 'b' "c"
'tab\tnew\nline'
'\x41\u00e9\U0001F600'
'\101\0'
r'\n raw'
'''triple 'quoted' text'''
'unknown \d escape'
u'unicode'
[]
[1, 'a', None, True]
[1, 2,]
()
(1,)
(1, 2)
1, 2
{}
{'a': 1, 'b': [2]}
{'a': 1, 'a': 2}
{1: 'x', True: 'y'}
{'x' + 'y': 1}
a
a.name
a.c.d
a['name']
a["c"]["d"]
a.b[0]
a.b[-1]
a.b[3]
a.b[-4]
a['zz']
a.b['x']
n[0]
nothing[0]
undefined
a.b[1:]
a.b[:1]
a.b[:-1]
a.b[::2]
a.b[::-1]
a.b[5:]
a.b[-100:100]
a.b[::0]
a.b['a':]
text[0]
text[-1]
text[:5]
text[::-1]
text[1000]
text['x']
(1, 2, 3)[1:]
1 + 2
1 - 2
2 * 3
7 / 2
6 / 2
7 // 2
-7 // 2
7 // -2
7 % 3
-7 % 3
7 % -3
2 ** 10
2 ** -1
2 ** 0.5
-2 ** 2
2 ** 3 ** 2
(-8) ** 2
0 ** 0
7.5 // 2
-7.5 // 2
7.5 % 2
-7.5 % 2
1e308 * 10 > 1e308
10.0 ** 400
1 / 0
1 // 0
1 % 0
1.0 / 0
1.0 // 0
1.0 % 0
0 ** -1
n / 0
6 & 3
6 | 3
6 ^ 3
~6
1 << 10
1024 >> 3
1 << -1
-1 >> 200
True & False
True | False
True ^ True
True + True
-True
~True
1.5 & 1
-'x'
~1.5
'a' + 'b'
'a' + 1
1 + 'a'
'ab' * 3
3 * 'ab'
'ab' * -1
'ab' * 1.5
[1] + [2, 3]
[1] + (2,)
(1,) + (2,)
[0] * 3
2 * [1, 2]
[] * 5
{'a': 1} | {'b': 2}
nothing + 1
a + a
yes + 1
f * 2
n * f
neg // 2
1 == 1.0
1 == True
'1' == 1
[1, 2] == [1, 2]
[1, 2] == (1, 2)
{'a': 1, 'b': 2} == {'b': 2, 'a': 1}
a == a
nothing == None
nothing is None
nothing is not None
n is not None
yes is True
no is True
1 != 2
1 < 2 < 3
1 < 3 < 2
3 > 2 >= 2
'a' < 'b'
'a' < 'B'
'abc' < 'abd'
'' < 'a'
[1, 2] < [1, 3]
[1, 2] < [1]
(1, 'a') < (1, 'b')
1 < 'a'
nothing < 1
[1] < 1
1 < 1.5
True < 2
9007199254740993 == 9007199254740992.0
9007199254740993 > 9007199254740992.0
'a' in 'abc'
'' in 'abc'
'x' not in 'abc'
1 in [1, 2]
1.0 in [1, 2]
4 in [1, 2]
'a' in {'a': 1}
1 in {'a': 1}
'name' in a
'name' not in a
1 in 'abc'
1 in 5
[1] in {'a': 1}
[1] in [[1], 2]
None in [None]
1 and 2
0 and 2
1 or 2
0 or 'x'
'' or [] or 'last'
not 1
not ''
not not 5
not nothing
1 or undefined
0 and undefined
0 or undefined
yes and no or 'z'
'x' if yes else 'y'
'x' if no else 'y'
1 if no else 2 if no else 3
undefined if no else 'fine'
(1 if yes else 2) + 3
1 + 2 * 3 - 4 / 2
(1 + 2) * 3
1 - 2 - 3
2 * 3 % 4
8 / 4 / 2
1 + 2 == 3 and 4 > 3
not 1 == 2
-n ** 2
1 | 2 ^ 3 & 4 << 1
[x for x in a.b]
[x * 2 for x in a.b if x > 1]
[x for x in a.b if x > 1 if x < 3]
[f.name for f in items]
[f['name'] for f in items if f.type == 'dir']
[x + y for x in ['a', 'b'] for y in ['1', '2']]
[[y for y in [x, x]] for x in [1, 2]]
[k for k in a.c]
[c for c in 'abc']
[k + str(v) for k, v in pairs]
[k for (k, v) in pairs]
[v for [k, v] in pairs]
[x for x, in [[1], [2]]]
[x for x, y in [[1]]]
[x for x, y in [[1, 2, 3]]]
[x for x, y in [1]]
[x for x in 5]
[n for n in a.b] + [n]
{x: x * 2 for x in a.b}
{k: v for k, v in pairs}
{f.name: f.size for f in items if f.size}
''.join(x for x in ['a', 'b'])
[w for r in [{'e': 'x'}] for w in ['approve', r['e']]]
[{'name': w, 'n': i} for w in ['a', 'b'] for i in [1]]
text.split('/')
text.split('/')[-1]
text.split('/', 1)
text.split('/', -1)
text.split('/', 0)
text.rsplit('/', 1)
text.rsplit('/', 1)[0] + '/'
text.rsplit('.', 2)
text.split(sep='/', maxsplit=2)
words.split()
words.split(' ')
words.split(None, 1)
words.rsplit(None, 1)
words.rsplit(maxsplit=1)
'  a  b '.split()
'  a  b '.split(None, 1)
'  a  b '.rsplit(None, 1)
''.split()
''.split(',')
'abc'.split('')
'abc'.split(1)
text.partition('/')
text.rpartition('/')
text.rpartition('/')[2]
'abc'.partition('x')
'abc'.rpartition('x')
'abc'.partition('')
text.startswith('/home')
text.startswith(('x', '/'))
text.endswith('.gz')
text.endswith(1)
text.endswith(('.zip', 1))
' x '.strip()
' x '.lstrip()
' x '.rstrip()
'/a/b/'.strip('/')
'/a/b//'.rstrip('/') + '/'
'xyxhixyx'.strip('xy')
'abc'.strip(None)
'Hello World'.lower()
'Hello World'.upper()
'hello wORLD'.title()
"they're bill's".title()
'hELLO'.capitalize()
''.capitalize()
'Hello'.swapcase()
uni.upper()
uni.lower()
len(uni)
uni[4]
uni.find('Ü')
'aXbXc'.replace('X', '-')
'aXbXc'.replace('X', '-', 1)
'abc'.replace('', '-')
'abc'.replace('', '-', 2)
'aaa'.replace('a', '', -1)
', '.join(['a', 'b'])
','.join([])
','.join('abc')
','.join({'a': 1, 'b': 2})
','.join([1])
','.join(5)
'hello'.find('l')
'hello'.rfind('l')
'hello'.find('z')
'hello'.index('z')
'hello'.rindex('l')
'hello'.count('l')
'hello'.count('')
'aaaa'.count('aa')
'123'.isdigit()
''.isdigit()
'12a'.isdigit()
'abc'.isalpha()
'ab1'.isalnum()
' \t'.isspace()
'abc1'.islower()
'ABC'.isupper()
'1'.islower()
'Hello World'.istitle()
'abc'.isascii()
uni.isascii()
'42'.zfill(5)
'-42'.zfill(5)
'42'.zfill(1)
'ab'.ljust(5)
'ab'.rjust(5, '*')
'ab'.center(5)
'abc'.center(6, '-')
'abc'.center(8)
'ab'.center(7)
'a\nb\r\nc'.splitlines()
'a\nb\n'.splitlines(True)
'abc'.removeprefix('a')
'abc'.removesuffix('bc')
'abc'.removesuffix('x')
'abc'.nosuch()
'abc'.nosuch
n.nosuch
nothing.x
'abc'.upper(1)
a.c.get('d')
a.c.get('zz')
a.c.get('zz', 5)
[k for k in a.c.keys()]
[v for v in a.c.values()]
[[k, v] for k, v in a.c.items()]
a.b.index(2)
a.b.index(9)
a.b.count(1)
(1, 1, 2).count(1)
(2.0).is_integer()
f.is_integer()
len('abc')
len([1, 2])
len(a.c)
len(())
len(5)
len(nothing)
str(1)
str(1.0)
str(1e16)
str(1e15)
str(1.5e-05)
str(0.0001)
str(123456.789)
str(1e100)
str(-0.0)
str(True)
str(None)
str('x')
str([1, 'a', None, 2.0])
str({'a': 1, 'b': [True]})
str((1,))
str((1, 2))
str(())
str(["it's", 'say "x"', 'both \' and "', 'new\nline\\'])
str()
int('42')
int(' -42 ')
int('4_2')
int('4__2')
int('x')
int('')
int(3.9)
int(-3.9)
int(True)
int('ff', 16)
int('0x1F', 16)
int('-101', 2)
int('9', 8)
int(nothing)
int([1])
int('3.5')
float('2.5')
float('1e3')
float(' 7 ')
float('x')
float('')
float(3)
float(nothing)
float('1_0.5')
str(float('inf'))
str(float('nan'))
float('nan') == float('nan')
int('99999999999999999999')  == 99999999999999999999
int(float('inf'))
int(float('nan'))
2 ** 62
2 ** 63
2 ** 64 - 1
str(2 ** 100)
-2 ** 63
{'k': {'nested': [1, {'deep': (1, 2)}]}}
{None: 1, 1: 2, 1.5: 3, True: 4}
{(1, 2): 'x'}[(1, 2)]
{[1]: 2}
{'a': 1}['b']
(1 +
  2)
[
  1, # a comment
  2,
]
1 +
+
1 2
a b
a.
a.1
a[
a[]
a[1:2:3:4]
(1
]
{1: }
{'a' 1}
'unclosed
'abc"
1 if 2
[x for]
[x for x]
[for x in y]
not
1 not 2
is
a..b
1.2.3
0123
1__0
12abc
0xZZ
1 = 2
f(x=1, 2)
?
$a
a!b
""".strip("\n")


class Object(dict):
    """A dict whose members can be asked for with a dot."""

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def wrap(value):
    if isinstance(value, dict):
        return Object({key: wrap(item) for key, item in value.items()})
    if isinstance(value, list):
        return [wrap(item) for item in value]
    return value


def expressions():
    """Splits the list; a bracket that stays open at the end of a line goes on in the next, if that is indented."""
    found = []
    for line in EXPRESSIONS.split("\n"):
        if found and (line.startswith(" ") or line == "]"  and found[-1].startswith("[\n")):
            found[-1] += "\n" + line
        else:
            found.append(line)
    return found


def evaluate(text):
    names = {name: wrap(value) for name, value in STATE.items()}
    # A dict that is written in an expression can be asked with a dot, too.
    names["__builtins__"] = {"len": len, "str": str, "int": int, "float": float}
    try:
        value = eval(compile(text.strip(), "expression", "eval"), names)
        return {"value": json.loads(json.dumps(value, allow_nan=False))}
    except Exception as error:
        return {"error": type(error).__name__}


def main():
    import warnings

    warnings.simplefilter("ignore")
    path = pathlib.Path(__file__).with_name("cpython.json")
    table = {"state": STATE, "cases": [{"expression": text, **evaluate(text)} for text in expressions()]}
    if "--write" in sys.argv:
        lines = ",\n".join("    " + json.dumps(case, ensure_ascii=False) for case in table["cases"])
        state = json.dumps(STATE, ensure_ascii=False)
        path.write_text(f'{{\n  "state": {state},\n  "cases": [\n{lines}\n  ]\n}}\n', encoding="utf-8")
    written = json.loads(path.read_text(encoding="utf-8"))
    differing = [case["expression"] for case, old in zip(table["cases"], written["cases"]) if case != old]
    if differing or len(table["cases"]) != len(written["cases"]):
        sys.exit(f"cpython.json is not what CPython says: {differing}")
    print(f"{len(table['cases'])} expressions")


main()
