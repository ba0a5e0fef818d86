//! Items by number, close together.

/// A list of items whose numbers stay while they are there.
///
/// It grows by an eighth, not twofold: what it takes follows what is in it.
#[derive(Default)]
pub(super) struct Slab<T> {
    items: Vec<T>,
    free: Vec<u32>,
}

/// The fewest items that it grows by.
const FEW: usize = 4;

impl<T: Default> Slab<T> {
    /// How many numbers there are, those that are free included.
    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    #[inline]
    pub(super) fn get(&self, at: u32) -> &T {
        &self.items[at as usize]
    }

    pub(super) fn get_mut(&mut self, at: u32) -> &mut T {
        &mut self.items[at as usize]
    }

    /// Puts an item where there is room; answers its number.
    ///
    /// # Panics
    ///
    /// Panics at 2³⁰ items, which do not fit into memory.
    pub(super) fn put(&mut self, item: T) -> u32 {
        if let Some(at) = self.free.pop() {
            self.items[at as usize] = item;
            return at;
        }
        let count = self.items.len();
        if count == self.items.capacity() {
            self.items.reserve_exact((count / 8).max(FEW));
        }
        self.items.push(item);
        let at = u32::try_from(count).ok();
        at.filter(|at| at >> 30 == 0).expect("fewer than 2³⁰ items")
    }

    /// Takes an item out; its number is free again.
    pub(super) fn take(&mut self, at: u32) -> T {
        self.free.push(at);
        std::mem::take(self.get_mut(at))
    }
}

#[cfg(test)]
mod tests {
    use super::Slab;

    #[test]
    fn a_freed_number_is_used_again() {
        let mut slab = Slab::default();
        for item in 1..100 {
            let at = slab.put(item);
            assert_eq!(slab.take(at), item);
        }
        assert_eq!(slab.len(), 1);
    }

    #[test]
    fn it_takes_little_more_than_what_is_in_it() {
        let mut slab = Slab::default();
        for item in 0..10_000 {
            slab.put(item);
            assert!(slab.items.capacity() <= slab.len() * 9 / 8 + super::FEW);
        }
    }
}
