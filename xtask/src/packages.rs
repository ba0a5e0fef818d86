//! What the machine must have for the tests.

use crate::{policy::Policy, step::Step, verdict::verdict};
use std::{
    env::{self, consts::EXE_SUFFIX},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Sees that the servers are there before the tests start them.
pub(crate) const STEP: Step = Step::here(
    "servers",
    "redis-server and memcached are installed",
    ensure,
);

/// What counts instructions, if it can be had: the step that needs it says so if not.
const COUNTER: &str = "valgrind";

/// The servers that tests start, by their program; Debian's packages have the same names.
const SERVERS: [&str; 2] = ["redis-server", "memcached"];

/// Installs the servers that are missing where that is this program's to do: as root, with apt-get.
fn ensure() -> Result<(), String> {
    let folders = folders();
    let absent = missing(&folders);
    if absent.is_empty() {
        return Ok(());
    }
    if !is_in("apt-get", &folders) || !is_root() {
        return Err(advice(&absent));
    }
    println!("installing {}", absent.join(" and "));
    install(&absent)?;
    if !is_in(COUNTER, &folders)
        && let Err(failure) = apt_get("install", &["-y", "--no-install-recommends", COUNTER])
    {
        eprintln!("{failure}; going on without {COUNTER}");
    }
    match missing(&folders) {
        absent if absent.is_empty() => Ok(()),
        absent => Err(format!("apt-get installed, but {}", advice(&absent))),
    }
}

/// Where programs are looked for: a user's PATH often lacks the folder of daemons.
fn folders() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/bin".into(), "/usr/sbin".into()])
        .collect()
}

fn missing(folders: &[PathBuf]) -> Vec<&'static str> {
    let absent = |server: &&str| !is_in(server, folders);
    SERVERS.into_iter().filter(absent).collect()
}

fn is_in(program: &str, folders: &[PathBuf]) -> bool {
    let file = format!("{program}{EXE_SUFFIX}");
    folders.iter().any(|folder| folder.join(&file).is_file())
}

fn advice(absent: &[&str]) -> String {
    let absent = absent.join(" and ");
    format!(
        "{absent} not found; install redis and memcached, on Debian and Ubuntu by \
         `apt-get install redis-server memcached`, on macOS by `brew install redis memcached`"
    )
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

fn install(packages: &[&str]) -> Result<(), String> {
    let _policy = Policy::keep_services_down(Path::new("/usr/sbin/policy-rc.d"))
        .map_err(|error| format!("{error}; {}", advice(packages)))?;
    // One broken source among many must not stop it: if the lists lack a package, installing says so.
    if let Err(failure) = apt_get("update", &[]) {
        eprintln!("{failure}; going on with the lists as they are");
    }
    let words = [&["-y", "--no-install-recommends"], packages].concat();
    apt_get("install", &words)
}

/// Runs apt-get without its progress: its complaints come through.
fn apt_get(verb: &str, words: &[&str]) -> Result<(), String> {
    let end = Command::new("apt-get")
        .args(["-qq", "-o", "DPkg::Lock::Timeout=120", verb])
        .args(words)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status();
    verdict(&format!("apt-get {verb}"), end)
}

#[cfg(test)]
mod tests {
    use super::{advice, missing};
    use std::{env, fs, process};

    #[test]
    fn a_server_is_missing_until_its_program_is_in_a_folder() {
        let folder = env::temp_dir().join(format!("larder-xtask-servers-{}", process::id()));
        fs::create_dir(&folder).unwrap();
        let folders = [folder.join("nowhere"), folder.clone()];
        assert_eq!(missing(&folders), ["redis-server", "memcached"]);

        let program = format!("memcached{}", env::consts::EXE_SUFFIX);
        fs::write(folder.join(program), "").unwrap();
        assert_eq!(missing(&folders), ["redis-server"]);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_is_missing_is_named_with_the_way_to_get_it() {
        let advice = advice(&["redis-server", "memcached"]);
        assert!(advice.starts_with("redis-server and memcached not found; install "));
    }
}
