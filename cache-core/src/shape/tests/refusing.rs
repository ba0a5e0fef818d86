//! Types that do not take every value are seen whole if they take one of those that are offered.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::num::{NonZeroI64, NonZeroU8};

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};

use super::{SixteenBytes, all_differ_everywhere, nested, read_from, versions, whole};

read_from! {
    Port u16, |port| port > 1024;
    Date (i32, u16), |(_, day)| (1..=366).contains(&day);
    Span (u32, u32), |(start, end)| start < end;
    Year i64, |year| (1900..2100).contains(&year);
    Email String, |text| text.contains('@');
    Time String, |text| text.ends_with('Z');
    Url String, |text| text.starts_with("http");
    Digest SixteenBytes, |_| true;
    Yes bool, |yes| yes;
    Pair Vec<u8>, |pair| pair.len() == 2;
    NotEmpty Vec<Role>, |roles| !roles.is_empty();
}

#[derive(Deserialize)]
enum Role {
    Guest,
    Member(Option<Port>),
}

#[test]
fn types_that_refuse_some_values_are_seen_whole() {
    whole::<(NonZeroU8, NonZeroI64)>();
    whole::<(Port, Date, Span, Year, Email, Time, Url, Digest, Yes)>();
    whole::<Vec<BTreeMap<Email, Option<(Time, Date)>>>>();
    whole::<(Pair, NotEmpty, NotEmpty, Vec<NotEmpty>)>();
    assert_eq!(whole::<Port>(), whole::<u16>());
    assert_eq!(whole::<Email>(), whole::<String>());
    all_differ_everywhere(&versions! { nested:
        { struct T { port: Port, role: Option<Role> } enum Role { A, B(Option<u8>) } }
        { struct T { port: Port, role: Option<Role> } enum Role { A, B(Option<u16>) } }
        { struct T { role: Option<Role>, port: Port } enum Role { A, B(Option<u8>) } }
        { struct T { role: Option<Role>, port: Port } enum Role { A, B(Option<u16>) } }
        { struct T { role: Vec<Role>, port: u8 } enum Role { A(Port, u8), B(Url, Option<u8>) } }
        { struct T { role: Vec<Role>, port: u8 } enum Role { A(Port, u8), B(Url, Option<u16>) } }
    });
}

#[test]
fn a_struct_that_checks_its_fields_is_seen_whole() {
    #[derive(Deserialize)]
    enum Mode<C> {
        Off,
        On(Option<C>),
    }
    #[derive(Deserialize)]
    struct Raw<C> {
        low: u8,
        mode: Option<Mode<C>>,
        high: u8,
    }
    #[derive(Deserialize)]
    #[serde(try_from = "Raw<C>", bound = "C: DeserializeOwned")]
    struct Checked<C>(PhantomData<C>);
    impl<C> TryFrom<Raw<C>> for Checked<C> {
        type Error = &'static str;
        fn try_from(raw: Raw<C>) -> Result<Self, Self::Error> {
            let right = raw.low > 0 && raw.high > 1;
            right.then_some(Self(PhantomData)).ok_or("too low")
        }
    }
    assert_ne!(whole::<Checked<u8>>(), whole::<Checked<u16>>());
    assert_eq!(whole::<Vec<Checked<u8>>>(), whole::<Vec<Raw<u8>>>());
}
