//! One pass over a type: what is offered, how deep it goes, and what becomes of a refusal.

use std::any::type_name;

use super::choice::{Among, Choice, Key, Place};
use super::descent::{Descent, Zeal};
use super::met::Met;
use super::refused::Refused;
use super::script::{Branch, Script};
use super::tape::{Mark, Tape};

/// A pass, or one attempt at it: after a refusal the next attempt goes by a changed script.
pub(super) struct Pass<'m> {
    met: &'m mut Met,
    script: Script,
    pub(super) tape: Tape,
    descent: Descent,
    impasse: Option<Impasse>,
    is_to_be_repeated: bool,
}

/// Why a value cannot be had.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Impasse {
    /// The type takes nothing that is offered, or asks what is not answered.
    Refusal,
    /// There is none; or none that ends.
    Nothing,
}

impl<'m> Pass<'m> {
    pub(super) fn new(met: &'m mut Met, script: Script) -> Self {
        Self {
            met,
            script,
            tape: Tape::default(),
            descent: Descent::new(),
            impasse: None,
            is_to_be_repeated: false,
        }
    }

    pub(super) fn run(&mut self, visit: impl FnOnce(&mut Self) -> Result<(), Refused>) {
        // At the top too, only the first pass explores.
        let zeal = self.descent.zeal_for(Key::Top, 0, self.met);
        let answer = self.hold(Key::Top, zeal, visit);
        self.heed(0, answer).ok();
    }

    /// Ends this pass and all others.
    pub(super) fn give_up(&mut self) {
        self.met.give_up();
    }

    pub(super) fn is_to_be_repeated(&self) -> bool {
        self.is_to_be_repeated && !self.met.has_given_up()
    }

    /// The script of the next attempt.
    pub(super) fn into_script(self) -> Script {
        self.script.rewind()
    }

    /// Ends a pass: what it wrote down, and the passes that follow from it.
    pub(super) fn close(mut self) -> (Tape, Vec<Branch>) {
        self.cut();
        let choices = self.script.into_choices();
        match self.impasse {
            Some(Impasse::Refusal) => self.met.miss(),
            Some(Impasse::Nothing) => {}
            None => self.met.learn(&choices),
        }
        self.descent.end(self.met);
        (self.tape, Branch::all(choices))
    }

    /// Writes a question down. What belongs to it goes onto the tape.
    pub(super) fn ask(&mut self, mark: Mark) -> Result<(), Refused> {
        if self.is_to_be_repeated || !self.met.may_ask() {
            return Err(Refused);
        }
        if self.impasse.take().is_some() {
            // The type goes on without a value, and nobody knows which.
            self.met.miss();
        }
        self.tape.mark(mark);
        Ok(())
    }

    /// Writes down the question of a type with a name.
    pub(super) fn ask_by_name<V>(
        &mut self,
        mark: Mark,
        name: &'static str,
    ) -> Result<Key, Refused> {
        self.ask(mark)?;
        let number = self.met.named(type_name::<V>(), name);
        self.tape.text(name);
        self.tape.number(number);
        let key = Key::Named(number);
        if self.descent.goes_round(key) {
            // If there is an end to it, it is another variant further out.
            return Err(self.have_nothing());
        }
        self.go_deeper(key)
    }

    /// Writes down the question of an option, a sequence, a map or a tuple.
    pub(super) fn ask_nameless<V>(&mut self, mark: Mark) -> Result<Key, Refused> {
        self.ask(mark)?;
        let key = self.met.nameless(type_name::<V>());
        self.go_deeper(key)
    }

    fn go_deeper(&mut self, key: Key) -> Result<Key, Refused> {
        if self.descent.is_at_the_bottom() {
            return Err(self.stop(Impasse::Refusal));
        }
        Ok(key)
    }

    /// Chooses one of so many values of one kind.
    pub(super) fn offer(&mut self, place: Place, offers: usize) -> usize {
        let at = self.choose(Choice::new(place, Among::Values, offers, 0));
        self.script.made(at).taken
    }

    /// Goes into something that may be empty.
    pub(super) fn fill<T>(
        &mut self,
        place: Place,
        key: Key,
        visit: impl FnOnce(&mut Self, bool) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        let at = self.choose_filling(place, key);
        let Choice { taken, is_goal, .. } = *self.script.made(at);
        let zeal = if is_goal {
            Zeal::Explore
        } else {
            self.descent.zeal()
        };
        let answer = self.hold(key, zeal, |pass| visit(pass, taken == 1));
        self.settle(at, answer)
    }

    fn choose_filling(&mut self, place: Place, key: Key) -> usize {
        let above = self.descent.levels_above(key);
        let explores = self.descent.zeal() == Zeal::Explore && above.is_none();
        let full = explores && self.descent.is_shallow();
        let mut choice = Choice::new(place, Among::Filling, 2, full.into());
        choice.opens = explores;
        let at = self.choose(choice);
        self.tape.number(above.map_or(0, |levels| levels + 1));
        self.tape.number(self.script.made(at).taken);
        at
    }

    /// Goes into a struct or whatever else has a name.
    pub(super) fn enter<T>(
        &mut self,
        key: Key,
        visit: impl FnOnce(&mut Self) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        let zeal = self.descent.zeal_for(key, 0, self.met);
        let since = self.here();
        let answer = self.hold(key, zeal, visit);
        self.heed(since, answer)
    }

    /// Goes into a tuple.
    pub(super) fn enter_nameless<T>(
        &mut self,
        key: Key,
        visit: impl FnOnce(&mut Self) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        let since = self.here();
        let answer = self.hold(key, self.descent.zeal(), visit);
        self.heed(since, answer)
    }

    /// Goes into a variant of an enum.
    pub(super) fn enter_enum<T>(
        &mut self,
        place: Place,
        key: Key,
        variants: &[&str],
        visit: impl FnOnce(&mut Self, usize) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        self.tape.number(variants.len());
        if variants.is_empty() {
            return Err(self.have_nothing());
        }
        let at = self.choose_variant(place, key, variants);
        let variant = self.script.made(at).taken;
        self.tape.number(variant);
        let zeal = self.descent.zeal_for(key, variant, self.met);
        let answer = self.hold(key, zeal, |pass| visit(pass, variant));
        if answer.is_ok() {
            self.met.end_with(key, variant);
        }
        self.settle(at, answer)
    }

    fn choose_variant(&mut self, place: Place, key: Key, variants: &[&str]) -> usize {
        let first = self.met.end_of(key).unwrap_or(0);
        let mut choice = Choice::new(place, Among::Variants, variants.len(), first);
        choice.opens = self.descent.opens(key, self.met);
        if choice.opens {
            self.tape.texts(variants);
        }
        self.choose(choice)
    }

    fn hold<T>(
        &mut self,
        key: Key,
        zeal: Zeal,
        visit: impl FnOnce(&mut Self) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        let outer = self.descent.go_into(key, zeal);
        let answer = visit(self);
        self.descent.come_back(outer);
        self.tape.mark(Mark::End);
        answer
    }

    /// Where the next choice will be.
    pub(super) fn here(&self) -> usize {
        self.script.at()
    }

    /// Makes a choice as the script says, or else as it worked at this place before.
    fn choose(&mut self, choice: Choice) -> usize {
        if !self.script.follow(&choice) {
            self.cut();
            let lesson = self.met.lesson(choice.place);
            self.script.push(choice.taking(lesson));
        }
        self.script.at() - 1
    }

    /// Drops the rest of the script. A pass that misses its goal has not seen what is there.
    fn cut(&mut self) {
        if self.script.cut() {
            self.met.miss();
        }
    }

    /// Passes on how the type took what it was offered since then. If it refused, the next attempt
    /// offers other values.
    pub(super) fn heed<T>(
        &mut self,
        since: usize,
        answer: Result<T, Refused>,
    ) -> Result<T, Refused> {
        if answer.is_err() && !self.is_to_be_repeated && self.impasse.is_none() {
            let script = &mut self.script;
            self.is_to_be_repeated = script.change_values(since) || script.change_filling(since);
            self.impasse = (!self.is_to_be_repeated).then_some(Impasse::Refusal);
        }
        answer
    }

    /// Passes on how the type took a choice. If there is no way on with it, the next attempt
    /// chooses otherwise; should that hide something, it gets a pass of its own.
    fn settle<T>(&mut self, at: usize, answer: Result<T, Refused>) -> Result<T, Refused> {
        let answer = self.heed(at, answer);
        if answer.is_err() && self.impasse.is_some() && self.script.change(at) {
            self.impasse = None;
            self.is_to_be_repeated = true;
        }
        answer
    }

    /// Leaves a question without an answer.
    pub(super) fn leave_open(&mut self) -> Refused {
        match self.ask(Mark::Unanswered) {
            Ok(()) => self.stop(Impasse::Refusal),
            Err(refused) => refused,
        }
    }

    /// There is no such value, and nothing is lost by that.
    pub(super) fn have_nothing(&mut self) -> Refused {
        self.stop(Impasse::Nothing)
    }

    fn stop(&mut self, impasse: Impasse) -> Refused {
        self.impasse = Some(impasse);
        Refused
    }
}
