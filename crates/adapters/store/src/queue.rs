//! Group commit: what several threads want to append while one is waiting for the disk goes in
//! together with its next batch.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

/// Requests that are waiting, and answers that are ready. One thread at a time works for all.
#[derive(Debug)]
pub(crate) struct Queue<Request, Answer> {
    state: Mutex<State<Request, Answer>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<Request, Answer> {
    next_ticket: u64,
    waiting: VecDeque<(u64, Request)>,
    ready: HashMap<u64, Answer>,
    working: bool,
}

impl<Request, Answer> Queue<Request, Answer> {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::new(State {
                next_ticket: 0,
                waiting: VecDeque::new(),
                ready: HashMap::new(),
                working: false,
            }),
            changed: Condvar::new(),
        }
    }

    /// Puts a request in and waits for its answer. Whichever thread finds nobody working takes some
    /// requests from the front with `take` and answers each of them with `work`, in order.
    pub(crate) fn answer(
        &self,
        request: Request,
        take: impl Fn(&mut VecDeque<(u64, Request)>) -> Vec<(u64, Request)>,
        work: impl Fn(Vec<Request>) -> Vec<Answer>,
    ) -> Answer {
        let mut state = self.state();
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.waiting.push_back((ticket, request));
        loop {
            if let Some(answer) = state.ready.remove(&ticket) {
                return answer;
            }
            if state.working {
                state = self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            state.working = true;
            let (tickets, requests): (Vec<_>, Vec<_>) =
                take(&mut state.waiting).into_iter().unzip();
            drop(state);
            let answers = work(requests);
            state = self.state();
            state.ready.extend(tickets.into_iter().zip(answers));
            state.working = false;
            self.changed.notify_all();
        }
    }

    fn state(&self) -> MutexGuard<'_, State<Request, Answer>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
