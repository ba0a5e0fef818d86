//! Law: a layer answers like the service behind it, only sooner.

mod common;

mod layer {
    pub(crate) mod client;
    pub(crate) mod frames;
    pub(crate) mod gate;

    mod asked;
    mod conditional;
    mod flight;
    mod head;
    mod invalidation;
    mod kept;
    mod key;
    mod lifetime;
    mod stacked;
    mod through;
}
