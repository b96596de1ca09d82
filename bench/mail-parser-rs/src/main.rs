// The crate mail-parser, for `npm run bench:mime`: the same messages, the same commands as bench/mime/worker.ts.
// A full parse decodes every body; a header scan reads the header section only, all fields typed as by default.

use mail_parser::MessageParser;
use std::io::{BufRead, Write};
use std::{env, fs, hint::black_box};

fn main() {
    let messages: Vec<Vec<u8>> = env::args().skip(1).map(|file| fs::read(file).expect("read a message")).collect();
    let octets: usize = messages.iter().map(Vec::len).sum();
    answer(format!(r#"{{"octets":{octets}}}"#));
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("read a command");
        let mut words = line.split(' ');
        let task = words.next().unwrap_or("");
        let least: f64 = words.next().and_then(|word| word.parse().ok()).unwrap_or(0.0);
        let start = cpu_seconds();
        let mut passes = 0;
        loop {
            for message in &messages {
                match task {
                    "full" => drop(black_box(MessageParser::default().parse(message.as_slice()))),
                    "headers" | "cutHeaders" => drop(black_box(MessageParser::default().parse_headers(message.as_slice()))),
                    other => panic!("no such task: {other}"),
                }
            }
            passes += 1;
            if cpu_seconds() - start >= least {
                break;
            }
        }
        let seconds = cpu_seconds() - start;
        answer(format!(r#"{{"passes":{passes},"cpuSeconds":{seconds},"peakKibibytes":{}}}"#, peak_kibibytes()));
    }
}

fn answer(line: String) {
    println!("{line}");
    std::io::stdout().flush().expect("answer");
}

/// Of this thread, the only one: nanoseconds on the CPU.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    stat.split(' ').next().and_then(|word| word.parse::<f64>().ok()).expect("a number") / 1e9
}

fn peak_kibibytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("a peak");
    line.split_whitespace().nth(1).and_then(|word| word.parse().ok()).expect("a number")
}
