//! One test for each chapter of the laws.

/// One test a chapter, so that a failure says where to look.
macro_rules! keeps {
    ($store:ident) => {
        mod $store {
            use larder::conformance::Chapter;

            #[test]
            fn keeps_the_laws_of_leases() {
                super::$store().chapter(Chapter::Leases).run();
            }

            #[test]
            fn keeps_the_laws_of_invalidation() {
                super::$store().chapter(Chapter::Invalidation).run();
            }

            #[test]
            fn keeps_the_laws_of_values() {
                super::$store().chapter(Chapter::Values).run();
            }

            #[test]
            fn keeps_the_laws_of_lifetimes() {
                super::$store().chapter(Chapter::Lifetimes).run();
            }

            #[test]
            fn keeps_the_laws_of_keys() {
                super::$store().chapter(Chapter::Keys).run();
            }

            #[test]
            fn keeps_the_laws_of_races() {
                super::$store().chapter(Chapter::Races).run();
            }

            #[test]
            fn keeps_the_laws_of_user_code() {
                super::$store().chapter(Chapter::UserCode).run();
            }

            #[test]
            fn keeps_the_laws_of_sharing() {
                super::$store().chapter(Chapter::Sharing).run();
            }
        }
    };
}
