//! What a pass writes down.

/// The questions of a type in one pass, as bytes in which no two histories meet.
#[derive(Default)]
pub(super) struct Tape(Vec<u8>);

/// A question. The numbers are part of every fingerprint: they stay.
#[derive(Clone, Copy)]
pub(super) enum Mark {
    /// The end of what holds others.
    End = 0,
    Bool = 1,
    I8 = 2,
    I16 = 3,
    I32 = 4,
    I64 = 5,
    I128 = 6,
    U8 = 7,
    U16 = 8,
    U32 = 9,
    U64 = 10,
    U128 = 11,
    F32 = 12,
    F64 = 13,
    Char = 14,
    Text = 15,
    Bytes = 16,
    Option = 17,
    Unit = 18,
    UnitStruct = 19,
    Newtype = 20,
    Seq = 21,
    Tuple = 22,
    TupleStruct = 23,
    Map = 24,
    Struct = 25,
    Enum = 26,
    /// What postcard does not answer either.
    Unanswered = 27,
}

impl Tape {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn mark(&mut self, mark: Mark) {
        self.0.push(mark as u8);
    }

    pub(super) fn number(&mut self, number: usize) {
        self.0.extend_from_slice(&(number as u64).to_le_bytes());
    }

    pub(super) fn text(&mut self, text: &str) {
        self.number(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(super) fn texts(&mut self, texts: &[&str]) {
        self.number(texts.len());
        for text in texts {
            self.text(text);
        }
    }
}
