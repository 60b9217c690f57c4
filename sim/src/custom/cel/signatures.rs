//! What functions take and give.
//!
//! A line is a name and its forms: `s.ss:b` is called on a text with two texts and gives a truth. Letters: `b`ool, `i`nt,
//! `u`int, `d`ouble, `s`tring, b`y`tes, `t`imestamp, `p` duration, `q`uantity, `r` URL, `n`et.IP, `c`IDR,
//! `v`ersion, named `f`ormat, `*` any, `T` a type;
//! `L` a list of, `M` a map of (two), `O` an optional; `A`, `B` stand for one type throughout.

use super::types::Ty;
use std::rc::Rc;

const SIGNATURES: &str = "
_==_ AA:b
_!=_ AA:b
_<_ ii:b uu:b dd:b ss:b yy:b bb:b tt:b pp:b iu:b id:b ui:b ud:b di:b du:b
_<=_ ii:b uu:b dd:b ss:b yy:b bb:b tt:b pp:b iu:b id:b ui:b ud:b di:b du:b
_>_ ii:b uu:b dd:b ss:b yy:b bb:b tt:b pp:b iu:b id:b ui:b ud:b di:b du:b
_>=_ ii:b uu:b dd:b ss:b yy:b bb:b tt:b pp:b iu:b id:b ui:b ud:b di:b du:b
_+_ ii:i uu:u dd:d ss:s yy:y LALA:LA pp:p tp:t pt:t
_-_ ii:i uu:u dd:d pp:p tt:p tp:t
_*_ ii:i uu:u dd:d
_/_ ii:i uu:u dd:d
_%_ ii:i uu:u
-_ i:i d:d
!_ b:b
_&&_ bb:b
_||_ bb:b
_?_:_ bAA:A
@in ALA:b AMAB:b
_[_] LAi:A MABA:B OLAi:OA OMABA:OB
_[?_] LAi:OA MABA:OB OLAi:OA OMABA:OB
size s:i y:i LA:i MAB:i s.:i y.:i LA.:i MAB.:i
contains s.s:b
startsWith s.s:b
endsWith s.s:b
matches s.s:b ss:b
find s.s:s
findAll s.s:Ls s.si:Ls
charAt s.i:s
format s.L*:s
indexOf s.s:i s.si:i LA.A:i
lastIndexOf s.s:i LA.A:i
lowerAscii s.:s
upperAscii s.:s
trim s.:s
reverse LA.:LA
replace s.ss:s s.ssi:s
split s.s:Ls s.si:Ls
substring s.i:s s.ii:s
join Ls.:s Ls.s:s
strings.quote s:s
isSorted Li.:b Lu.:b Ld.:b Lb.:b Ls.:b Ly.:b Lp.:b Lt.:b
sum Li.:i Lu.:u Ld.:d Lp.:p
min Li.:i Lu.:u Ld.:d Lb.:b Ls.:s Ly.:y Lp.:p Lt.:t
max Li.:i Lu.:u Ld.:d Lb.:b Ls.:s Ly.:y Lp.:p Lt.:t
lists.range i:Li
distinct LA.:LA
sort Li.:Li Lu.:Lu Ld.:Ld Lb.:Lb Ls.:Ls Ly.:Ly Lp.:Lp Lt.:Lt
flatten LLA.:LA L*.i:L*
slice LA.ii:LA
sets.contains LALA:b
sets.equivalent LALA:b
sets.intersects LALA:b
optional.of A:OA
optional.none :OA
optional.ofNonZeroValue A:OA
hasValue OA.:b
value OA.:A
orValue OA.A:A
or OA.OA:OA
dyn A:*
type A:T
bool b:b s:b
int i:i u:i d:i s:i t:i
uint u:u i:u d:u s:u
double d:d i:d u:d s:d
string s:s b:s i:s u:s d:s y:s t:s p:s r:s n:s c:s q:s
bytes y:y s:y
timestamp t:t s:t i:t
duration p:p s:p
getFullYear t.:i t.s:i
getMonth t.:i t.s:i
getDate t.:i t.s:i
getDayOfMonth t.:i t.s:i
getDayOfWeek t.:i t.s:i
getDayOfYear t.:i t.s:i
getHours t.:i t.s:i p.:i
getMinutes t.:i t.s:i p.:i
getSeconds t.:i t.s:i p.:i
getMilliseconds t.:i t.s:i p.:i
isQuantity s:b
quantity s:q
isGreaterThan q.q:b v.v:b
isLessThan q.q:b v.v:b
compareTo q.q:i v.v:i
add q.q:q q.i:q
sub q.q:q q.i:q
sign q.:i
isInteger q.:b
asInteger q.:i
isURL s:b
url s:r
getScheme r.:s
getHost r.:s
getHostname r.:s
getPort r.:s
getEscapedPath r.:s
getQuery r.:MsLs
isIP s:b
ip s:n c.:n
ip.isCanonical s:b
family n.:i
isUnspecified n.:b
isLoopback n.:b
isLinkLocalMulticast n.:b
isLinkLocalUnicast n.:b
isGlobalUnicast n.:b
isCIDR s:b
cidr s:c
prefixLength c.:i
masked c.:c
containsIP c.n:b c.s:b
containsCIDR c.c:b c.s:b
isSemver s:b sb:b
semver s:v sb:v
major v.:i
minor v.:i
patch v.:i
validate f.s:OLs
format.named s:Of
format.dns1123Label :f
format.dns1123Subdomain :f
format.dns1035Label :f
format.qualifiedName :f
format.dns1123LabelPrefix :f
format.dns1123SubdomainPrefix :f
format.dns1035LabelPrefix :f
format.labelValue :f
format.uri :f
format.uuid :f
format.byte :f
format.date :f
format.datetime :f
";

pub struct Form {
    /// As it is written above.
    pub text: &'static str,
    pub is_method: bool,
    /// With what a method is called on first.
    pub takes: Vec<Ty>,
    pub gives: Ty,
}

/// The forms of a function; none if there is no such function.
pub fn forms(name: &str) -> Vec<Form> {
    let line = SIGNATURES.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.into_iter().flat_map(str::split_whitespace).filter_map(form).collect()
}

fn form(text: &'static str) -> Option<Form> {
    let (takes, gives) = text.rsplit_once(':')?;
    let (target, arguments) = takes.split_once('.').map_or((None, takes), |(target, rest)| (Some(target), rest));
    let letters: Vec<char> = target.unwrap_or("").chars().chain(arguments.chars()).collect();
    let (mut takes, mut at) = (vec![], 0);
    while at < letters.len() {
        takes.push(ty(&letters, &mut at)?);
    }
    let gives: Vec<char> = gives.chars().collect();
    Some(Form { text, is_method: target.is_some(), takes, gives: ty(&gives, &mut 0)? })
}

fn ty(letters: &[char], at: &mut usize) -> Option<Ty> {
    let letter = *letters.get(*at)?;
    *at += 1;
    let mut inner = || ty(letters, at).map(Rc::new);
    Some(match letter {
        'L' => Ty::List(inner()?),
        'M' => {
            let key = inner()?;
            Ty::Map(key, inner()?)
        }
        'O' => Ty::Optional(inner()?),
        'A' => Ty::Stands(0),
        'B' => Ty::Stands(1),
        '*' => Ty::Any,
        'b' => Ty::Named("bool"),
        'i' => Ty::Named("int"),
        'u' => Ty::Named("uint"),
        'd' => Ty::Named("double"),
        's' => Ty::Named("string"),
        'y' => Ty::Named("bytes"),
        't' => Ty::Named("timestamp"),
        'p' => Ty::Named("duration"),
        'q' => Ty::Named("kubernetes.Quantity"),
        'r' => Ty::Named("kubernetes.URL"),
        'n' => Ty::Named("net.IP"),
        'c' => Ty::Named("net.CIDR"),
        'v' => Ty::Named("kubernetes.Semver"),
        'f' => Ty::Named("kubernetes.NamedFormat"),
        'T' => Ty::Named("type"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signature_can_be_read() {
        for line in SIGNATURES.lines().filter(|line| !line.is_empty()) {
            let mut words = line.split_whitespace();
            let name = words.next().unwrap();
            assert_eq!(forms(name).len(), words.count(), "{line}");
        }
    }
}
