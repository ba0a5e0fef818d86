//! Values that fit into a few words: numbers, and short texts.

use std::any::{Any, TypeId};

/// A value as words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packed {
    /// How many bytes of `words` there are.
    pub(crate) length: u8,
    pub(crate) words: [u64; PACKED_WORDS],
}

/// The most words of a value.
pub(crate) const PACKED_WORDS: usize = 10;
const PACKED_BYTES: usize = PACKED_WORDS * 8;

impl Packed {
    /// Room for a value.
    #[inline]
    pub(crate) fn empty() -> Self {
        let (length, words) = (0, [0; PACKED_WORDS]);
        Self { length, words }
    }

    /// Whether it fits into so many words.
    pub(crate) fn fits(&self, words: usize) -> bool {
        usize::from(self.length) <= words * 8
    }
}

/// The types that are packed, but texts.
macro_rules! numbers {
    ($do:ident) => {
        $do!(
            u8, u16, u32, u64, i8, i16, i32, i64, u128, i128, f32, f64, usize, isize
        );
    };
}

/// Whether values of a type are packed, if they are short. Known when this is compiled.
#[inline]
pub(crate) fn packs<T: 'static>() -> bool {
    let of = TypeId::of::<T>();
    macro_rules! is_number {
        ($($number:ty),*) => {
            $(if of == TypeId::of::<$number>() {
                return true;
            })*
        };
    }
    numbers!(is_number);
    let others = [
        TypeId::of::<bool>(),
        TypeId::of::<char>(),
        TypeId::of::<()>(),
        TypeId::of::<String>(),
    ];
    others.contains(&of)
}

/// Whether all values of a type are packed. Known when this is compiled.
#[inline]
pub(crate) fn always_packs<T: 'static>() -> bool {
    packs::<T>() && TypeId::of::<T>() != TypeId::of::<String>()
}

/// Packs a value, if it is of a type that is, and short.
#[inline]
pub(crate) fn pack<T: 'static>(value: &T) -> Option<Packed> {
    let value: &dyn Any = value;
    // The type is known when this is compiled: one arm is left of all these.
    macro_rules! pack_numbers {
        ($($number:ty),*) => {
            $(if let Some(number) = value.downcast_ref::<$number>() {
                return of_bytes(&number.to_le_bytes());
            })*
        };
    }
    numbers!(pack_numbers);
    if let Some(truth) = value.downcast_ref::<bool>() {
        return of_bytes(&[u8::from(*truth)]);
    }
    if let Some(char) = value.downcast_ref::<char>() {
        return of_bytes(&u32::from(*char).to_le_bytes());
    }
    if value.is::<()>() {
        return of_bytes(&[]);
    }
    let text = value.downcast_ref::<String>()?;
    of_bytes(text.as_bytes())
}

/// Makes a value of what [`pack`] made of one of the same type.
#[inline]
pub(crate) fn unpack<T: 'static>(packed: &Packed) -> Option<T> {
    let mut made: Option<T> = None;
    let place: &mut dyn Any = &mut made;
    macro_rules! unpack_numbers {
        ($($number:ty),*) => {
            $(if let Some(place) = place.downcast_mut::<Option<$number>>() {
                *place = Some(<$number>::from_le_bytes(first(packed)));
                return made;
            })*
        };
    }
    numbers!(unpack_numbers);
    if let Some(place) = place.downcast_mut::<Option<bool>>() {
        *place = Some(packed.words[0] != 0);
    } else if let Some(place) = place.downcast_mut::<Option<char>>() {
        *place = char::from_u32(u32::from_le_bytes(first(packed)));
    } else if let Some(place) = place.downcast_mut::<Option<()>>() {
        *place = Some(());
    } else if let Some(place) = place.downcast_mut::<Option<String>>() {
        *place = text(packed);
    }
    made
}

fn of_bytes(bytes: &[u8]) -> Option<Packed> {
    let mut whole = [0; PACKED_BYTES];
    whole.get_mut(..bytes.len())?.copy_from_slice(bytes);
    let (chunks, _) = whole.as_chunks::<8>();
    Some(Packed {
        length: u8::try_from(bytes.len()).ok()?,
        words: std::array::from_fn(|at| u64::from_le_bytes(chunks[at])),
    })
}

/// Word by word, as they were written: a processor waits for what is read in other pieces.
#[inline]
fn text(packed: &Packed) -> Option<String> {
    let length = usize::from(packed.length);
    let words = packed.words.get(..length.div_ceil(8))?;
    let mut bytes = Vec::with_capacity(words.len() * 8);
    for word in words {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    bytes.truncate(length);
    String::from_utf8(bytes).ok()
}

#[inline]
fn bytes(packed: &Packed) -> [u8; PACKED_BYTES] {
    let mut bytes = [0; PACKED_BYTES];
    let (chunks, _) = bytes.as_chunks_mut::<8>();
    for (chunk, word) in chunks.iter_mut().zip(packed.words) {
        *chunk = word.to_le_bytes();
    }
    bytes
}

/// The first bytes.
#[inline]
fn first<const N: usize>(packed: &Packed) -> [u8; N] {
    let bytes = bytes(packed);
    std::array::from_fn(|at| bytes[at])
}

#[cfg(test)]
mod tests {
    use super::{pack, unpack};
    use std::fmt::Debug;

    fn survives<T: PartialEq + Debug + 'static>(value: T) {
        let packed = pack(&value).expect("it is packed");
        assert_eq!(unpack(&packed), Some(value));
    }

    #[test]
    fn numbers_and_short_texts_survive() {
        survives(7_u8);
        survives(u64::MAX);
        survives(i128::MIN);
        survives(-1_i16);
        survives(-0.5_f64);
        survives(usize::MAX);
        survives(true);
        survives('ü');
        survives(());
        survives(String::new());
        survives("ü".repeat(40));
        let nan = f64::from_bits(0x7ff8_0000_0000_0001);
        let packed = pack(&nan).unwrap();
        assert_eq!(unpack::<f64>(&packed).unwrap().to_bits(), nan.to_bits());
    }

    #[test]
    fn what_is_long_or_of_another_type_is_not_packed() {
        assert_eq!(pack(&"x".repeat(81)), None);
        assert_eq!(pack(&vec![1_u8]), None);
        assert_eq!(pack(&Some(1_u8)), None);
        assert_eq!(pack(&"static"), None);
    }
}
