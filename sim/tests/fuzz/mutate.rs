//! Texts made of other texts: what is nearly right goes further into a reader than noise does.

use kubarium_sim::dice::Dice;

/// The longest text that is made.
const LONGEST: usize = 64 * 1024;
/// How often a piece is repeated when depth or length is tried.
const REPEATS: [u64; 6] = [2, 3, 17, 100, 1000, 5000];
/// Numbers at which arithmetic breaks.
const NUMBERS: [&str; 12] = [
    "0",
    "-1",
    "1",
    "255",
    "65536",
    "2147483648",
    "-2147483649",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "1e309",
    "0.0000000000000000000000000000000000001",
];
/// Characters at which texts are cut wrongly.
const LETTERS: [char; 14] =
    ['\0', '\t', '\n', '\r', '\u{85}', '\u{a0}', '\u{feff}', 'é', '가', '😀', '"', '\'', '\\', '\u{2028}'];

/// Makes one text after another.
pub struct Mutator {
    dice: Dice,
    whom: &'static str,
    throws: u64,
    words: &'static [&'static str],
    corpus: Vec<String>,
}

impl Mutator {
    pub fn new(seed: u64, whom: &'static str, words: &'static [&'static str], corpus: Vec<String>) -> Mutator {
        Mutator { dice: Dice(seed), whom, throws: 0, words, corpus }
    }

    pub fn keep(&mut self, text: String) {
        self.corpus.push(text);
    }

    /// The next text.
    pub fn next(&mut self) -> String {
        let mut text: Vec<char> = self.any_text();
        for _ in 0..=self.below(4) {
            text = self.change(text);
            let mut bytes = 0;
            text.retain(|c| {
                bytes += c.len_utf8();
                bytes <= LONGEST
            });
        }
        text.into_iter().collect()
    }

    fn below(&mut self, n: usize) -> usize {
        self.throws += 1;
        self.dice.below(n as u64, self.whom, &self.throws.to_string()) as usize
    }

    fn one_of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    fn any_text(&mut self) -> Vec<char> {
        let number = self.below(self.corpus.len());
        self.corpus[number].chars().collect()
    }

    /// A stretch of a text, mostly a short one.
    fn stretch(&mut self, text: &[char]) -> (usize, usize) {
        let from = self.below(text.len() + 1);
        let most = if self.below(3) == 0 { text.len() - from } else { (text.len() - from).min(12) };
        (from, from + self.below(most + 1))
    }

    fn change(&mut self, mut text: Vec<char>) -> Vec<char> {
        let (from, to) = self.stretch(&text);
        match self.below(9) {
            0 => {
                text.drain(from..to);
            }
            1 => {
                let (word, letter, number) = (self.word(), self.one_of(&LETTERS), self.one_of(&NUMBERS));
                let piece = [word, letter.to_string(), number.to_string()][self.below(3)].clone();
                text.splice(from..from, piece.chars());
            }
            2 => {
                let word = self.word();
                text.splice(from..to, word.chars());
            }
            3 => {
                let piece = text[from..to].to_vec();
                let times = self.one_of(&REPEATS) as usize;
                let most = LONGEST / piece.len().max(1);
                text.splice(from..to, piece.repeat(times.min(most)));
            }
            4 => {
                let word: Vec<char> = self.word().chars().collect();
                let times = self.one_of(&REPEATS) as usize;
                text.splice(from..to, word.repeat(times));
            }
            5 => {
                let other = self.any_text();
                let (a, b) = self.stretch(&other);
                text.splice(from..to, other[a..b].iter().copied());
            }
            6 => {
                let at = self.below(text.len() + 1);
                let piece: Vec<char> = text.drain(from..to).collect();
                let at = at.min(text.len());
                text.splice(at..at, piece);
            }
            7 => {
                let number = self.one_of(&NUMBERS);
                let begin = text.iter().position(char::is_ascii_digit).unwrap_or(from);
                let digits = text[begin..].iter().take_while(|c| c.is_ascii_digit()).count();
                text.splice(begin..begin + digits, number.chars());
            }
            _ => text.truncate(from),
        }
        text
    }

    fn word(&mut self) -> String {
        self.one_of(self.words).to_string()
    }
}
