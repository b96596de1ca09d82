# Writes src/charset-samples.generated.ts: strings of letters of many scripts, each with its octets in a charset, by Python's
# codecs, so that no decoder of ours has a hand in it. Run: python3 libs/hamlet/tools/charset-samples.py
import os

LATIN1 = ['né', 'Mör', 'çåla', 'ñud', 'øvik', 'ßel', 'ÆRÞ', 'ûðü']
LATIN2 = ['žul', 'Čern', 'łaz', 'ďob', 'őrű', 'şaţ', 'Śćę', 'ýŕ']
CYRILLIC = ['жил', 'Щор', 'быв', 'ёкал', 'Юнт', 'грэ', 'цап', 'яЪ']
GREEK = ['λομ', 'Ωρε', 'ξια', 'ψή', 'θύρ', 'Δελ', 'σακ', 'ώς']
TURKISH = ['ğıl', 'Şor', 'çöm', 'İlk', 'üzü', 'âkı', 'ıtı', 'öş']
HEBREW = ['שול', 'מרד', 'אבג', 'כסף', 'ץקר', 'תונ', 'חט', 'זע']
ARABIC = ['كرد', 'موس', 'ضيق', 'ثلج', 'غاب', 'شمع', 'خط', 'ظن']
BALTIC = ['ąžu', 'ėšk', 'ļoti', 'ņem', 'ūka', 'ģim', 'Čā', 'įų']
THAI = ['มาล', 'ดวง', 'ฟ้า', 'ทราย', 'แก้ว', 'โคม', 'ใจ', 'ลม']
VIET = ['Đêm', 'ưng', 'sâu', 'lơm', 'văn', 'ôt', 'ĩnh', 'ãm'][:6]
JAPANESE = ['山川', 'かぜ', 'トラ', '海石', '夜明', 'ゆき', 'ノハ', '雲']
KOREAN = ['바람', '솔빛', '산마', '달', '구름', '나루', '여울', '봄']
CHINESE = ['云海', '山石', '风月', '江', '晴天', '松', '明夜', '雨']
TAIWANESE = ['雲海', '山石', '風月', '江', '晴天', '松', '明夜', '功蓋']  # the last two have octets 0x5c in Big5

CHARSETS = [
    ('iso-8859-1', 'iso-8859-1', LATIN1), ('iso-8859-2', 'iso-8859-2', LATIN2), ('iso-8859-4', 'iso-8859-4', BALTIC),
    ('iso-8859-5', 'iso-8859-5', CYRILLIC), ('iso-8859-7', 'iso-8859-7', GREEK), ('iso-8859-8', 'iso-8859-8', HEBREW),
    ('iso-8859-6', 'iso-8859-6', ARABIC),
    ('iso-8859-9', 'iso-8859-9', TURKISH), ('iso-8859-13', 'iso-8859-13', BALTIC), ('iso-8859-15', 'iso-8859-15', ['€ur', 'Œuv', 'šaž', 'Ÿv']),
    ('windows-1250', 'cp1250', LATIN2), ('windows-1251', 'cp1251', CYRILLIC), ('windows-1252', 'cp1252', LATIN1 + ['“q”', '€–']),
    ('windows-1253', 'cp1253', GREEK), ('windows-1254', 'cp1254', TURKISH), ('windows-1255', 'cp1255', HEBREW),
    ('windows-1256', 'cp1256', ARABIC), ('windows-1257', 'cp1257', BALTIC), ('windows-874', 'cp874', THAI), ('tis-620', 'tis-620', THAI),
    ('windows-1258', 'cp1258', ['Đr', 'ưng', 'ôt', 'văn']),
    ('koi8-r', 'koi8-r', CYRILLIC), ('koi8-u', 'koi8-u', ['їжа', 'Євл', 'ґан', 'ілу']), ('ibm866', 'cp866', CYRILLIC),
    ('macintosh', 'mac-roman', ['né', 'Mör', 'çåla', 'ñud']),
    ('iso-2022-jp', 'iso-2022-jp', JAPANESE), ('shift_jis', 'shift_jis', JAPANESE + ['ソ表']), ('euc-jp', 'euc-jp', JAPANESE),
    ('euc-kr', 'euc-kr', KOREAN), ('ks_c_5601-1987', 'cp949', KOREAN + ['똠']), ('gb2312', 'gb2312', CHINESE),
    ('gbk', 'gbk', CHINESE + ['鎔']), ('gb18030', 'gb18030', CHINESE + ['🦊', '𠀀']), ('big5', 'big5', TAIWANESE),
    ('utf-16be', 'utf-16-be', JAPANESE), ('utf-16le', 'utf-16-le', KOREAN),
]
MULTIBYTE = {'iso-2022-jp', 'shift_jis', 'euc-jp', 'euc-kr', 'ks_c_5601-1987', 'gb2312', 'gbk', 'gb18030', 'big5', 'utf-16be', 'utf-16le'}

lines = ['// Written by tools/charset-samples.py with the codecs of Python. RFC 2978 (charset names)', '',
         '/** A charset as mail names it; samples as text and the octets of it in hexadecimal. */',
         'export type CharsetSamples = {',
         '  readonly charset: string',
         '  /** Not every octet is a character. */',
         '  readonly multibyte: boolean',
         '  readonly samples: readonly (readonly [text: string, octets: string])[]',
         '}', '',
         'export const CHARSET_SAMPLES: readonly CharsetSamples[] = [']
for name, codec, words in CHARSETS:
    lines.append('  {')
    lines.append(f"    charset: '{name}',")
    lines.append(f"    multibyte: {'true' if name in MULTIBYTE else 'false'},")
    lines.append('    samples: [')
    for word in words:
        octets = word.encode(codec)
        assert octets.decode(codec) == word
        lines.append(f"      ['{word}', '{octets.hex()}'],")
    lines.append('    ],')
    lines.append('  },')
lines.append(']')
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, '../src/charset-samples.generated.ts'), 'w', encoding='utf-8') as out:
    out.write('\n'.join(lines) + '\n')
