//! One walk through a list of steps.

use crate::step::Step;
use std::time::{Duration, Instant};

/// Runs the steps in order, each under a line with its name and over one with its duration.
///
/// The answer is the line that says every step passed.
///
/// # Errors
///
/// The line that names the first step that failed; the steps after it are not run.
pub(crate) fn run(steps: &[&Step]) -> Result<String, String> {
    let began = Instant::now();
    for (index, step) in steps.iter().enumerate() {
        println!("\n[{}/{}] {}: {step}", index + 1, steps.len(), step.name);
        timed(step)?;
    }
    let took = seconds(began.elapsed());
    Ok(format!("every step passed ({} in {took})", steps.len()))
}

fn timed(step: &Step) -> Result<(), String> {
    let began = Instant::now();
    let outcome = step.run();
    let took = seconds(began.elapsed());
    let name = step.name;
    match outcome {
        Ok(()) => println!("{name}: passed in {took}"),
        Err(why) => return Err(format!("{name}: FAILED after {took}: {why}")),
    }
    Ok(())
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::run;
    use crate::step::Step;

    const PASSES: Step = Step::here("passes", "nothing", || Ok(()));
    const FAILS: Step = Step::here("fails", "nothing", || Err("it must".to_owned()));
    const UNREACHED: Step = Step::here("unreached", "nothing", || unreachable!());

    #[test]
    fn the_last_line_says_that_every_step_passed() {
        let line = run(&[&PASSES, &PASSES]).unwrap();
        assert_eq!(line, "every step passed (2 in 0.0 s)");
    }

    #[test]
    fn the_first_failure_ends_the_walk_and_is_named() {
        let failure = run(&[&PASSES, &FAILS, &UNREACHED]).unwrap_err();
        assert_eq!(failure, "fails: FAILED after 0.0 s: it must");
    }
}
