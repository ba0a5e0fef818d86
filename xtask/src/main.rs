//! The project's own commands: `cargo xtask test`, `cargo xtask bless` and `cargo xtask bench`.

mod bench;
mod bless;
mod examples;
mod instructions;
mod packages;
mod policy;
mod run;
mod step;
mod test;
mod verdict;

use std::{env, process::ExitCode};
use step::Step;

const USAGE: &str = "\
usage: cargo xtask test [STEP...]   checks everything, or only the named steps
       cargo xtask bless            accepts the present compile errors and snapshots
       cargo xtask bench [ROW...]   measures beside the peers into docs/benchmarks; `--quick`: few rounds";

fn main() -> ExitCode {
    let words: Vec<String> = env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    match steps(&words) {
        Ok(steps) => finish(&run::run(&steps)),
        Err(mistake) => {
            eprintln!("{mistake}\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// Finds the steps that the command line asks for.
///
/// # Errors
///
/// What is wrong with the words, for the line over the usage.
fn steps(words: &[String]) -> Result<Vec<&'static Step>, String> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["test", ref names @ ..] => test::pick(names),
        ["bench", ref words @ ..] => Ok(bench::steps(words)),
        ["bless"] => Ok(bless::STEPS.iter().collect()),
        [] => Err("no command".to_owned()),
        _ => Err(format!("no such command: {}", words.join(" "))),
    }
}

/// Prints the last line and says how the process ends.
fn finish(outcome: &Result<String, String>) -> ExitCode {
    match outcome {
        Ok(line) => {
            println!("\n{line}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::steps;

    fn asked(line: &str) -> Result<usize, String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        steps(&words).map(|steps| steps.len())
    }

    #[test]
    fn a_command_is_a_list_of_steps() {
        assert_eq!(asked("test"), Ok(crate::test::STEPS.len()));
        assert_eq!(asked("test fmt"), Ok(1));
        assert_eq!(asked("bench hit --quick"), Ok(2));
        assert_eq!(asked("bless"), Ok(crate::bless::STEPS.len()));
    }

    #[test]
    fn other_words_are_mistakes() {
        for line in ["", "tset", "bless fmt", "--help"] {
            assert!(asked(line).is_err(), "{line}");
        }
    }
}
