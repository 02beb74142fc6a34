//! Several processes on one data directory, and processes that are killed.

use std::collections::BTreeSet;
use std::io::BufRead as _;
use std::io::BufReader;
use std::process::Child;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use serde_json::Value;

use crate::harness::Run;
use crate::harness::Sandbox;

fn start(sandbox: &Sandbox, arguments: &[&str]) -> Child {
    sandbox
        .command(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn sealers_at_once_lose_nothing() {
    let sandbox = Sandbox::new();
    let names: Vec<String> = (0..8).map(|number| format!("{number}.txt")).collect();
    for name in &names {
        sandbox.write(name, name);
    }
    sandbox.write("same.txt", "same");
    // The first of them makes the data directory, whichever that is.
    let same = ["same.txt"; 4].into_iter();
    let targets: Vec<&str> = names.iter().map(String::as_str).chain(same).collect();
    let running: Vec<Child> = targets
        .iter()
        .map(|name| start(&sandbox, &["seal", name, "--again", "-o", "json"]))
        .collect();
    let mut indices = BTreeSet::new();
    for child in running {
        let run = Run::of(child.wait_with_output().unwrap());
        assert_eq!(run.code, 0, "{}", run.stderr);
        for made in run.json()["targets"][0]["evidence"].as_array().unwrap() {
            let index = made["logIndex"].as_u64().unwrap();
            assert!(indices.insert(index), "index {index} was given twice");
        }
    }
    assert_eq!(indices, (0..36).collect());
    assert_eq!(sandbox.log_size(), 36);
    let require = ["--require", "signature,provenance,sbom", "-o", "json"];
    for name in targets {
        let run = sandbox.verify(name, &require);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let document = run.json();
        let evidence = document["targets"][0]["evidence"].as_array().unwrap();
        let accepted = |one: &&Value| one["decision"] == "accepted";
        let wanted = if name == "same.txt" { 12 } else { 3 };
        assert_eq!(evidence.iter().filter(accepted).count(), wanted, "{name}");
    }
}

/// Two sealers at a time, each killed after another while. The while is bounded by what the sealer
/// says, not by a clock: one that is done earlier is left alone.
#[test]
fn what_was_acknowledged_survives_a_kill() {
    let sandbox = Sandbox::new();
    let mut acknowledged = Vec::new();
    for round in 0..10_u64 {
        let started: Vec<_> = [round, 20 - round]
            .into_iter()
            .enumerate()
            .map(|(number, patience)| {
                let name = format!("{round}-{number}.txt");
                sandbox.write(&name, &name);
                let mut child = start(&sandbox, &["seal", &name]);
                let mut stdout = BufReader::new(child.stdout.take().unwrap());
                let (told, telling) = mpsc::channel();
                std::thread::spawn(move || {
                    let mut line = String::new();
                    let _ = stdout.read_line(&mut line);
                    let _ = told.send(line);
                });
                (name, child, telling, Duration::from_millis(patience * 4))
            })
            .collect();
        for (name, mut child, telling, patience) in started {
            let line = telling.recv_timeout(patience).unwrap_or_default();
            let _ = child.kill();
            child.wait().unwrap();
            // What it said after it was told to die counts all the same.
            let line = match line.is_empty() {
                true => telling.recv().unwrap_or_default(),
                false => line,
            };
            if !line.is_empty() {
                assert_eq!(line, format!("sealed {name}\n"));
                acknowledged.push(name);
            }
        }
    }
    let require = ["--require", "signature,provenance,sbom"];
    // One more, so that there is a data directory even if all were killed early.
    sandbox.write("last.txt", "last");
    sandbox.seal("last.txt");
    acknowledged.push("last.txt".to_owned());
    println!("{} were acknowledged", acknowledged.len());
    for name in &acknowledged {
        let run = sandbox.verify(name, &require);
        assert_eq!(run.code, 0, "{name}: {}{}", run.stdout, run.stderr);
    }
    assert!(sandbox.log_size() >= 3 * acknowledged.len() as u64);
    // Of the others nothing is half there: what can be read verifies, and sealing them goes through.
    for round in 0..10 {
        for number in 0..2 {
            let name = format!("{round}-{number}.txt");
            let run = sandbox.verify(&name, &[]);
            if run.code != 0 {
                run.fails_with(1, "evidence.missing");
            }
            sandbox.seal(&name);
            assert_eq!(sandbox.verify(&name, &require).code, 0);
        }
    }
}
