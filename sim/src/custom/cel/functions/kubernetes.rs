//! Kubernetes 1.36: apiserver/pkg/cel/library/{quantity,urls,ip,cidr}.go

use super::super::eval::{Failure, Out};
use super::super::value::Val;
use super::truth;
use crate::api::quantity::Quantity;
use core::net::IpAddr;
use std::cmp::Ordering;
use std::rc::Rc;

pub fn call(name: &str, values: &[Val]) -> Option<Out> {
    match values {
        [Val::Str(text)] => of_text(name, text),
        [Val::Quantity(quantity), rest @ ..] => of_quantity(name, *quantity, rest),
        [Val::Url(url)] => of_url(name, url),
        [Val::Ip(ip)] => of_ip(name, *ip),
        [Val::Cidr(ip, bits), rest @ ..] => of_cidr(name, (*ip, *bits), rest),
        _ => None,
    }
}

fn of_text(name: &str, text: &Rc<str>) -> Option<Out> {
    let refuse = |why: String| Failure::new(why);
    match name {
        "isQuantity" => truth(Quantity::parse(text).is_some()),
        "quantity" => {
            let why = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
            Some(Quantity::parse(text).map(Val::Quantity).ok_or_else(|| refuse(why.into())))
        }
        "isURL" => truth(is_url(text)),
        "url" if is_url(text) => Some(Ok(Val::Url(text.clone()))),
        "url" => Some(Err(refuse(format!(
            "URL parse error during conversion from string: parse {text:?}: invalid URI for request"
        )))),
        "isIP" => truth(ip(text).is_some()),
        "ip" => Some(ip(text).map(Val::Ip).ok_or_else(|| {
            refuse(format!(
                "IP Address {text:?} parse error during conversion from string: ParseAddr({text:?}): unable to parse IP"
            ))
        })),
        "ip.isCanonical" => {
            let canonical = ip(text).map(|ip| Val::Bool(ip.to_string() == **text));
            Some(
                canonical
                    .ok_or_else(|| refuse(format!("IP Address {text:?} parse error during conversion from string"))),
            )
        }
        "isCIDR" => truth(cidr(text).is_some()),
        "cidr" => {
            let network = cidr(text).map(|(ip, bits)| Val::Cidr(ip, bits));
            Some(
                network.ok_or_else(|| {
                    refuse(format!("network address parse error during conversion from string: {text:?}"))
                }),
            )
        }
        _ => None,
    }
}

fn of_quantity(name: &str, own: Quantity, rest: &[Val]) -> Option<Out> {
    let other = match rest.first() {
        Some(Val::Quantity(other)) => Some(*other),
        Some(Val::Int(n)) => Some(Quantity { milli: i128::from(*n) * 1000, ..Quantity::ZERO }),
        _ => None,
    };
    let order = |other: Quantity| own.milli.cmp(&other.milli);
    match name {
        "isGreaterThan" => truth(order(other?) == Ordering::Greater),
        "isLessThan" => truth(order(other?) == Ordering::Less),
        "compareTo" => Some(Ok(Val::Int(order(other?) as i64))),
        "add" => Some(Ok(Val::Quantity(own.plus(other?)))),
        "sub" => Some(Ok(Val::Quantity(own.minus(other?)))),
        "sign" => Some(Ok(Val::Int(own.milli.signum() as i64))),
        "isInteger" => truth(own.milli % 1000 == 0),
        "asInteger" if own.milli % 1000 == 0 => Some(Ok(Val::Int(own.units()))),
        "asInteger" => Some(Err(Failure::new("cannot convert value to integer"))),
        _ => None,
    }
}

/// An absolute address or an absolute path.
fn is_url(text: &str) -> bool {
    let host = scheme(text).and_then(|(_, rest)| rest.strip_prefix("//")).unwrap_or("");
    let host = host.split(['/', '?', '#']).next().and_then(|host| host.rsplit('@').next()).unwrap_or("");
    let port = host.rsplit_once(':').filter(|(bare, _)| !bare.starts_with('[') || bare.ends_with(']'));
    let port_is_right = port.is_none_or(|(bare, port)| {
        port.bytes().all(|b| b.is_ascii_digit()) && (bare.starts_with('[') || !bare.contains(':'))
    });
    let plain = !text.contains(char::is_control) && !host.contains(' ') && port_is_right;
    plain && (text.starts_with('/') || scheme(text).is_some())
}

fn scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let fits = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    (fits && rest.starts_with('/')).then_some((scheme, rest))
}

fn of_url(name: &str, url: &str) -> Option<Out> {
    let (scheme, rest) = scheme(url).unwrap_or(("", url));
    let rest = rest.split('#').next().unwrap_or("");
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", rest),
    };
    let host = host.rsplit('@').next().unwrap_or("");
    let colon = host.rfind(':').filter(|colon| !host[*colon..].contains(']'));
    let (bare, port) = colon.map_or((host, ""), |colon| (&host[..colon], &host[colon + 1..]));
    Some(Ok(match name {
        "getScheme" => Val::text(scheme),
        "getHost" => Val::text(host),
        "getHostname" => Val::text(bare.trim_matches(['[', ']'])),
        "getPort" => Val::text(port),
        "getEscapedPath" => Val::text(path.replace(' ', "%20")),
        "getQuery" => {
            let mut out: Vec<(Val, Vec<Val>)> = vec![];
            for part in query.split('&').filter(|part| !part.is_empty()) {
                let (key, value) = part.split_once('=').unwrap_or((part, ""));
                let (key, value) = (Val::text(key), Val::text(value));
                match out.iter_mut().find(|(own, _)| own.equals(&key)) {
                    Some((_, values)) => values.push(value),
                    None => out.push((key, vec![value])),
                }
            }
            Val::map(out.into_iter().map(|(key, values)| (key, Val::list(values))).collect())
        }
        _ => return None,
    }))
}

/// Neither with a zone nor one of version 4 written as one of version 6.
fn ip(text: &str) -> Option<IpAddr> {
    let ip: IpAddr = text.parse().ok()?;
    let mapped = matches!(ip, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some());
    (!mapped).then_some(ip)
}

fn cidr(text: &str) -> Option<(IpAddr, u8)> {
    let (address, bits) = text.split_once('/')?;
    let (ip, bits) = (ip(address)?, bits.parse().ok()?);
    (bits <= if ip.is_ipv4() { 32 } else { 128 }).then_some((ip, bits))
}

fn of_ip(name: &str, ip: IpAddr) -> Option<Out> {
    let v4 = |test: fn(&core::net::Ipv4Addr) -> bool, six: fn(&core::net::Ipv6Addr) -> bool| match ip {
        IpAddr::V4(ip) => truth(test(&ip)),
        IpAddr::V6(ip) => truth(six(&ip)),
    };
    match name {
        "family" => Some(Ok(Val::Int(if ip.is_ipv4() { 4 } else { 6 }))),
        "isUnspecified" => truth(ip.is_unspecified()),
        "isLoopback" => truth(ip.is_loopback()),
        "isLinkLocalMulticast" => v4(|ip| ip.octets()[..3] == [224, 0, 0], |ip| ip.octets()[..2] == [0xff, 0x02]),
        "isLinkLocalUnicast" => v4(|ip| ip.is_link_local(), |ip| ip.is_unicast_link_local()),
        "isGlobalUnicast" => {
            let v4_local = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast() || ip.is_link_local());
            let v6_local = matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
            truth(!(v4_local || v6_local || ip.is_unspecified() || ip.is_loopback() || ip.is_multicast()))
        }
        _ => None,
    }
}

/// An address as a number of so many bits, without those beyond the first `kept`.
fn masked(ip: IpAddr, kept: u8) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(kept.min(32))).unwrap_or(0);
            IpAddr::V4((u32::from(ip) & mask).into())
        }
        IpAddr::V6(ip) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(kept)).unwrap_or(0);
            IpAddr::V6((u128::from(ip) & mask).into())
        }
    }
}

fn of_cidr(name: &str, (own, bits): (IpAddr, u8), rest: &[Val]) -> Option<Out> {
    let inside = |ip: IpAddr| ip.is_ipv4() == own.is_ipv4() && masked(ip, bits) == masked(own, bits);
    match (name, rest) {
        ("ip", []) => Some(Ok(Val::Ip(own))),
        ("prefixLength", []) => Some(Ok(Val::Int(bits.into()))),
        ("masked", []) => Some(Ok(Val::Cidr(masked(own, bits), bits))),
        ("containsIP", [Val::Ip(ip)]) => truth(inside(*ip)),
        ("containsIP", [Val::Str(text)]) => truth(inside(ip(text)?)),
        ("containsCIDR", [Val::Cidr(ip, more)]) => truth(*more >= bits && inside(*ip)),
        ("containsCIDR", [Val::Str(text)]) => {
            let (ip, more) = cidr(text)?;
            truth(more >= bits && inside(ip))
        }
        _ => None,
    }
}
