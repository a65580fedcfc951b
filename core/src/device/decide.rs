//! What a report means for the device that an asset is: from what is known of it to the facts that follow, and to what is kept beside them. Pure.
//!
//! Whether a device is under management is the later of two times: when it was last said to be, and when it was last said to have left. So
//! reports may come in any order, and twice. What is only said again is kept, and is no fact.

use super::event::{About, DeviceEvent};
use super::identity::Identity;
use super::known::{Known, Ref};
use super::report::{Kind, Report};
use super::store::{Candidate, Device, Private};
use super::{MatchedBy, Status};
use crate::asset::event::Identifier;
use crate::connection::Provider;
use crate::id::ConnectionId;
use crate::text;
use crate::time::{DAY_MICROS, Timestamp};

/// How long nothing is recorded of a device that is only heard of again.
pub const SILENCE_MICROS: i64 = DAY_MICROS;
/// The most characters of what a management calls a device, its user or a place.
const NAME_CHARS_MAX: usize = 200;
/// The most characters of a version or of a word of a management's.
const WORD_CHARS_MAX: usize = 64;

/// A report on its way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taking<'a> {
    pub connection: ConnectionId,
    pub provider: Provider,
    pub report: &'a Report,
    pub identity: &'a Identity,
    /// When it happened; never later than now.
    pub at: Timestamp,
}

/// What follows from a report for the device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// It is older than what is known.
    Stale {
        /// The facts that follow all the same: a key that is an earlier one.
        events: Vec<DeviceEvent>,
    },
    /// It is not.
    Known {
        events: Vec<DeviceEvent>,
        device: Device,
        kept: Box<Private>,
    },
}

/// What is known of the times at which something was said of a device.
#[derive(Debug, Clone, Copy, Default)]
struct Times {
    seen: Option<Timestamp>,
    vouched: Option<Timestamp>,
    left: Option<Timestamp>,
}

impl Times {
    fn of(device: Option<&Device>, kept: Option<&Private>) -> Self {
        let vouched = kept.and_then(|kept| kept.vouched_at);
        let left = kept.and_then(|kept| kept.left_at);
        let times = Self {
            seen: kept.map(|kept| kept.seen_at),
            vouched: vouched.max(device.and_then(|device| device.enrolled_at)),
            left: left.max(device.and_then(|device| device.unenrolled_at)),
        };
        let checked_in = device.and_then(|device| device.checked_in_at);
        Self {
            seen: times
                .seen
                .max(times.vouched)
                .max(times.left)
                .max(checked_in),
            ..times
        }
    }

    /// Whether a report of this sort and time is older than what it would change.
    fn overtake(self, kind: Kind, at: Timestamp) -> bool {
        match kind {
            Kind::PreEnrolled => false,
            Kind::Enrolled => self.left.is_some_and(|left| at <= left),
            Kind::Unenrolled => self.vouched.is_some_and(|vouched| at < vouched),
            Kind::Inventory | Kind::CheckIn | Kind::Login | Kind::Compliance => {
                self.seen.is_some_and(|seen| at < seen)
            }
        }
    }
}

/// Decides what a report means for the device that an asset is.
pub(super) fn next(
    taking: Taking<'_>,
    asset: &Candidate,
    matched_by: Option<MatchedBy>,
    known: &Known,
) -> Next {
    let device = known.devices.get(&asset.id);
    let kept = known.privates.get(&asset.id);
    let times = Times::of(device, kept);
    let keys = keys(taking, asset, matched_by, known, times);
    if keys.earlier || times.overtake(taking.report.kind, taking.at) {
        return Next::Stale {
            events: keys.events,
        };
    }
    let about = device
        .map(|device| device.about.clone())
        .unwrap_or_default();
    // What is older than the last that was heard says when something began, and not what is.
    let newest = times.seen.is_none_or(|seen| taking.at >= seen);
    let about = if newest {
        about.then(&described(taking.report))
    } else {
        about
    };
    let status = status(taking, device.map(|device| device.status), times);
    let moved = Moved {
        taking,
        device,
        status,
        about: &about,
        anew: keys.anew,
    };
    let mut events = keys.events;
    events.extend(moved.fact());
    Next::Known {
        device: moved.device(&events),
        events,
        kept: Box::new(remembered(taking, asset, kept, times, status)),
    }
}

/// What becomes of keys.
#[derive(Debug, Default)]
struct Keys {
    events: Vec<DeviceEvent>,
    /// Whether the report is about an earlier enrolment.
    earlier: bool,
    /// Whether it is about a new one of a device that was enrolled before.
    anew: bool,
}

fn keys(
    taking: Taking<'_>,
    asset: &Candidate,
    matched_by: Option<MatchedBy>,
    known: &Known,
    times: Times,
) -> Keys {
    let Some(id) = &taking.identity.external_id else {
        return Keys::default();
    };
    let connection = taking.connection;
    if let Some(Ref {
        asset: linked,
        superseded_by,
    }) = known.refs.get(id)
        && known
            .survivor(*linked)
            .is_some_and(|one| one.id == asset.id)
    {
        return Keys {
            earlier: superseded_by.is_some(),
            ..Keys::default()
        };
    }
    let device = known.devices.get(&asset.id);
    let active = device.and_then(|device| device.external_id.as_ref());
    let link = DeviceEvent::RefLinked {
        connection,
        external_id: id.clone(),
        matched_by,
        identifiers: new_identifiers(taking.identity, asset, matched_by, known),
    };
    let Some(active) = active.filter(|active| *active != id) else {
        return Keys {
            events: vec![link],
            ..Keys::default()
        };
    };
    // Of two enrolments the later counts, and only it can end: what was enrolled anew has left its earlier key behind.
    let older = times.seen.is_some_and(|seen| taking.at < seen);
    if older || taking.report.kind == Kind::Unenrolled {
        let event = DeviceEvent::RefSuperseded {
            connection,
            external_id: id.clone(),
            by: active.clone(),
        };
        return Keys {
            events: vec![event],
            earlier: true,
            anew: false,
        };
    }
    let superseded = DeviceEvent::RefSuperseded {
        connection,
        external_id: active.clone(),
        by: id.clone(),
    };
    let anew = DeviceEvent::ReEnrolled {
        connection,
        from: active.clone(),
        to: id.clone(),
    };
    Keys {
        events: vec![link, superseded, anew],
        earlier: false,
        anew: true,
    }
}

/// Identifiers that no asset has, for one that was there before; a new one was entered with its own.
fn new_identifiers(
    identity: &Identity,
    asset: &Candidate,
    matched_by: Option<MatchedBy>,
    known: &Known,
) -> Vec<Identifier> {
    if matched_by.is_none() {
        return Vec::new();
    }
    let all = identity.identifiers.iter();
    let new = all.filter(|(kind, value)| !known.is_recorded(asset.id, *kind, value));
    new.map(|(kind, value)| Identifier {
        kind: *kind,
        value: value.clone(),
    })
    .collect()
}

/// Whether the device is under management after a report that is not overtaken.
fn status(taking: Taking<'_>, before: Option<Status>, times: Times) -> Status {
    let after_leaving = times.left.is_none_or(|left| taking.at > left);
    match (taking.report.kind, before) {
        (Kind::PreEnrolled, before) => before.unwrap_or(Status::PreEnrolled),
        (Kind::Unenrolled, _) => Status::Unenrolled,
        (Kind::Enrolled | Kind::Inventory, _) if after_leaving => Status::Enrolled,
        // What was never heard of and is seen, is managed; what has left and is seen, has been seen.
        (_, None | Some(Status::PreEnrolled)) => Status::Enrolled,
        (_, Some(before)) => before,
    }
}

struct Moved<'a> {
    taking: Taking<'a>,
    device: Option<&'a Device>,
    status: Status,
    about: &'a About,
    anew: bool,
}

impl Moved<'_> {
    /// The fact about management, if there is one.
    fn fact(&self) -> Option<DeviceEvent> {
        let (connection, provider) = (self.taking.connection, self.taking.provider);
        let changed = self.device.map(|device| device.status) != Some(self.status) || self.anew;
        let external_id = self.taking.identity.external_id.clone();
        let about = self.about.clone();
        match self.status {
            Status::Unenrolled if changed => Some(DeviceEvent::Unenrolled {
                connection,
                provider,
            }),
            status @ (Status::Enrolled | Status::PreEnrolled) if changed => {
                Some(DeviceEvent::Enrolled {
                    connection,
                    provider,
                    external_id,
                    status,
                    about,
                })
            }
            status => self.is_news().then(|| DeviceEvent::CheckedIn {
                connection,
                provider,
                how: self.taking.report.kind,
                external_id,
                status,
                about,
            }),
        }
    }

    /// Whether something of the device changed, or nothing was recorded of it for a day.
    fn is_news(&self) -> bool {
        let Some(device) = self.device else {
            return false;
        };
        let heard = matches!(
            self.taking.report.kind,
            Kind::Enrolled | Kind::Inventory | Kind::CheckIn | Kind::Login | Kind::Compliance
        );
        let last = device.checked_in_at.max(device.enrolled_at);
        let silent = last.is_none_or(|last| {
            self.taking.at.micros().saturating_sub(last.micros()) >= SILENCE_MICROS
        });
        let managed = self.status == Status::Enrolled;
        heard && (device.about != *self.about || (managed && silent))
    }

    /// The device after the facts, as they project.
    fn device(&self, events: &[DeviceEvent]) -> Device {
        let mut device = self.device.cloned().unwrap_or(Device {
            status: self.status,
            external_id: None,
            enrolled_at: None,
            unenrolled_at: None,
            checked_in_at: None,
            about: About::default(),
        });
        let at = Some(self.taking.at);
        for event in events {
            match event {
                DeviceEvent::Enrolled {
                    external_id,
                    status,
                    about,
                    ..
                } => {
                    device.status = *status;
                    device.about = about.clone();
                    if external_id.is_some() {
                        device.external_id.clone_from(external_id);
                    }
                    if *status == Status::Enrolled {
                        device.enrolled_at = at;
                    }
                }
                DeviceEvent::CheckedIn {
                    external_id, about, ..
                } => {
                    device.about = about.clone();
                    device.checked_in_at = at;
                    if external_id.is_some() {
                        device.external_id.clone_from(external_id);
                    }
                }
                DeviceEvent::Unenrolled { .. } => {
                    device.status = Status::Unenrolled;
                    device.unenrolled_at = at;
                }
                _ => {}
            }
        }
        device
    }
}

/// What is kept beside the ledger after a report.
fn remembered(
    taking: Taking<'_>,
    asset: &Candidate,
    before: Option<&Private>,
    times: Times,
    status: Status,
) -> Private {
    let at = Some(taking.at);
    let kind = taking.report.kind;
    let vouches = status == Status::Enrolled
        && (matches!(kind, Kind::Enrolled | Kind::Inventory) || times.vouched.is_none());
    let mut kept = Private {
        seen_at: times.seen.max(at).unwrap_or(taking.at),
        vouched_at: if vouches {
            times.vouched.max(at)
        } else {
            times.vouched
        },
        left_at: if kind == Kind::Unenrolled {
            times.left.max(at)
        } else {
            times.left
        },
        ..before.cloned().unwrap_or(Private {
            asset_id: asset.id,
            connection_id: taking.connection,
            seen_at: taking.at,
            vouched_at: None,
            left_at: None,
            name: None,
            serial: None,
            provider_tag: None,
            email: None,
            principal_name: None,
            username: None,
            display_name: None,
            building: None,
            department: None,
            room: None,
        })
    };
    if times.seen.is_none_or(|seen| taking.at >= seen) {
        overwrite(&mut kept, taking.report);
    }
    kept
}

/// The words of the latest report; what it says nothing of stays.
fn overwrite(kept: &mut Private, report: &Report) {
    let device = &report.device;
    set(&mut kept.name, device.name.as_deref());
    set(&mut kept.serial, device.serial.as_deref());
    set(&mut kept.provider_tag, device.provider_tag.as_deref());
    if let Some(user) = &report.user {
        // Another user: nothing of the one before is theirs.
        kept.email = None;
        kept.principal_name = None;
        kept.username = None;
        kept.display_name = None;
        set(&mut kept.email, user.email.as_deref());
        set(&mut kept.principal_name, user.principal_name.as_deref());
        set(&mut kept.username, user.username.as_deref());
        set(&mut kept.display_name, user.display_name.as_deref());
    }
    if let Some(place) = &report.place {
        set(&mut kept.building, place.building.as_deref());
        set(&mut kept.department, place.department.as_deref());
        set(&mut kept.room, place.room.as_deref());
    }
}

fn set(kept: &mut Option<String>, said: Option<&str>) {
    if let Some(said) = said.and_then(|said| text::line(said, NAME_CHARS_MAX).ok()) {
        *kept = Some(said);
    }
}

/// What a report says of the device that is worth a fact.
fn described(report: &Report) -> About {
    let word = |said: &Option<String>| {
        said.as_deref()
            .and_then(|said| text::line(said, WORD_CHARS_MAX).ok())
    };
    About {
        platform: word(&report.device.platform),
        os_version: word(&report.device.os_version),
        ownership: report.device.ownership,
        compliance: word(&report.device.compliance),
    }
}
