//! All histories together, in the order of time.

use super::World;
use super::births::{self, Ending};
use super::closing;
use super::dice::Dice;
use super::plan::Step;
use super::purchases::Batch;

/// How many things are under a hold today.
const HOLDS: usize = 40;

/// Writes every history and sorts the steps.
pub fn plan(world: &World, batches: &[Batch], dice: &Dice) -> Vec<Step> {
    let newcomers = births::all(world, batches, dice);
    let mut steps: Vec<Step> = Vec::with_capacity(newcomers.len() * 8);
    let mut quiet: Vec<usize> = Vec::new();
    for newcomer in &newcomers {
        closing::write(world, dice, newcomer, &mut steps);
        let last = steps.len() - 1;
        let ends_quietly = matches!(
            newcomer.ending,
            Ending::InUse | Ending::InStock | Ending::Retired
        );
        if ends_quietly && super::calendar::day_of(steps[last].at.micros()) + 2 < world.today {
            quiet.push(last);
        }
    }
    // Nothing may follow a hold: releasing it needs an id that only the ledger gives.
    for _ in 0..HOLDS.min(quiet.len()) {
        let chosen = quiet.swap_remove(dice.index(quiet.len()));
        let step = closing::hold(world, dice, &steps[chosen]);
        steps.push(step);
    }
    // Stable: what one asset did at one instant stays in its order.
    steps.sort_by_key(|step| step.at);
    steps
}
