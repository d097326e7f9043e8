import type { Dice } from './values.ts';

/** Pieces that random texts are put together from, one set for each small language. */
const alphabets = {
  regex: String.raw`a b . * + ? | ( ) [ ] ^ $ \d \w \b \B \A \z \Q \E \1 \01 \x41 \x{41} \pL \p{Lu} \P{^Greek} \C \n \. \- \_ { } {2} {2,} {2,3} {1000} {1001} {,2} (?: (?i) (?i: (?-s) (?P<n> (?<m> (?= (?! [a-z] [^a] [[:digit:]] [[:^x:]] - , 0 é \ (?s-i:`,
  host: '* . - a b1 UP _ / : 10 0 é ~ com example *. *- .. ns/ %',
  url: 'http https :// : // / ? # % %20 %zz @ [ ] ::1 [::1] a b.c 80 :80 oci file *  < > " ! é + - .',
  cel: String.raw`a b . ( ) [ ] { } , : ? ! - + * / % < <= == != && || in 1 1.5 1u 0x1f "s" 's' r"s" b"s" true null has( all( exists( map( x. "\n" "\q" "\u00e9" // _ for ; = 1e3 .5`,
  header: String.raw`a % %% %A %A( ( ) [ ] [" "] " , \ ["x"] )% % "` + ' ',
  jwks: String.raw`{ } [ ] : , {"keys":[ ]} {"kty":"RSA","e":"AQAB","n":"AA" {"kty":"EC","crv":"P-256","x":"AA","y":"AA" {"kty":"oct","k":"AA" {"kty":"OKP","crv":"x","x":"A-_A" ,"d":"AA" ,"d":null ,"crv":null ,"e":"A" ,"e":"AA==" ,"n":"A+/A" ,"key_ops":["x"] ,"key_ops":5 ,"x5c":null ,"use":1 ,"other":{} null 1`,
  duration: '1 2 5 0 . - + s ms m h us ns d e 000 1h 1s 999999999 µs',
  ip: '1 10 255 256 0 01 . : :: / 8 32 128 % eth0 ffff g 1.2.3.4 ::1 fe80',
  label: 'a B 1 - _ . / * é a.b x',
  path: '/ {*} {**} a { } * % é _ . ~ //',
} as const;

export type Language = keyof typeof alphabets;

const pieces = Object.fromEntries(
  Object.entries(alphabets).map(([name, text]) => [name, text.split(' ')]),
) as Record<Language, string[]>;

/** A random text in, or next to, one of the languages. */
export function fuzzed(dice: Dice, language: Language): string {
  const list = pieces[language];
  return Array.from({ length: 1 + dice(7) }, () => list[dice(list.length)] ?? '').join('');
}
