#include "instruments/train/ramp/controller.hpp"

#include <chrono>
#include <thread>

#include <fmt/core.h>

#include "instruments/train/ramp/records.hpp"

namespace signalbox::train::ramp {
namespace {

using Kind = Next::Kind;

constexpr int kMaxQuestions = 8;        // of driver and judges in a turn; each is asked once
constexpr int kMaxOutcomeAppends = 50;  // entries of others may come in between

tl::unexpected<Error> lost(const Ramp& ramp) {
  const auto& lease = ramp.lease;
  return fail(ErrorKind::conflict,
              lease ? fmt::format("{} ({}) has taken train {} over at {}", lease->holder.name, lease->signer,
                                  ramp.train, to_rfc3339(lease->taken))
                    : fmt::format("train {} has no controller any more", ramp.train),
              "signalbox train status " + ramp.train);
}

bool is_question(Kind kind) {
  return kind == Kind::ask || kind == Kind::look || kind == Kind::look_ahead;
}

bool wakes_people(const StepEvent& event) {
  return event.what == StepEvent::What::paused || event.what == StepEvent::What::breached ||
         event.what == StepEvent::What::stuck;
}

}  // namespace

StepOrder Controller::order_of(const Ramp& ramp, Call call, int weight, std::uint64_t token) {
  StepOrder out;
  out.train = ramp.train;
  out.attempt = ramp.attempt;
  out.step = ramp.step_id(call, weight);
  out.token = token;
  out.weight = weight;
  out.candidate = ramp.begun.version;
  out.baseline = ramp.begun.baseline;
  out.commit = ramp.begun.commit;
  out.has_departed = ramp.begun.purpose == Begin::Purpose::go_back;
  return out;
}

Result<Controller::Turn> Controller::turn() {
  SIGNALBOX_TRY(const TrainEvents events, parts_.log.read());
  Ramp ramp = fold(events);
  situation_.now = parts_.clock.now();
  situation_.is_holder_gone = ramp.lease && parts_.deeds.has_ended(ramp.lease->holder);
  situation_.seen.reset();
  situation_.watched.reset();
  if (attempt_ != ramp.attempt) situation_.train_ahead.reset();
  attempt_ = ramp.attempt;
  bool has_asked = false;
  for (int i = 0; i < kMaxQuestions; ++i) {
    const Next next = next_action(ramp, situation_);
    if (has_asked && next.kind == Kind::renew) {
      // The answers took a good part of the lease, and what follows from them may need the rest.
      SIGNALBOX_CHECK(renew(ramp));
      SIGNALBOX_TRY(const TrainEvents since, parts_.log.read());
      ramp = fold(since);
    } else if (is_question(next.kind)) {
      SIGNALBOX_CHECK(ask(ramp, next.kind));
      has_asked = true;
    } else {
      return act(std::move(ramp), next);
    }
    situation_.now = parts_.clock.now();
  }
  return fail(ErrorKind::internal, "a turn of the ramp that asks without end");
}

Status Controller::ask(const Ramp& ramp, Kind question) {
  if (question == Kind::ask) {
    const int weight = ramp.breach ? 0 : ramp.open ? ramp.open->weight : ramp.weight;
    const Call call = ramp.breach ? Call::revert : ramp.open ? ramp.open->call : Call::set_weight;
    situation_.seen = parts_.driver.observe(order_of(ramp, call, weight, situation_.token));
    situation_.asked = situation_.now;
  } else if (question == Kind::look) {
    last_watched_ = situation_.watched = parts_.watch.look(ramp, situation_.now);
  } else {
    SIGNALBOX_TRY(situation_.train_ahead, parts_.deeds.train_ahead(ramp));
  }
  return {};
}

Result<Controller::Turn> Controller::act(Ramp ramp, const Next& next) {
  Turn out;
  out.did = next.kind;
  out.until = next.until;
  out.why = next.why;
  out.watched = situation_.watched;
  Status status;
  switch (next.kind) {
    case Kind::over:
    case Kind::wait:
    case Kind::ask:
    case Kind::look:
    case Kind::look_ahead:
      break;
    case Kind::lost:
      page(ramp);  // whoever has taken over pages for nothing that was written before
      return fail(ErrorKind::conflict, next.why, "signalbox train status " + ramp.train);
    case Kind::take:
      status = take(ramp);
      break;
    case Kind::renew:
      status = renew(ramp);
      break;
    case Kind::call:
      status = make_call(ramp, next.call, next.weight);
      break;
    case Kind::write:
      status = write(ramp, "step", with_manual_steps(ramp, next.event));
      if (status && wakes_people(next.event)) to_page_.emplace_back(next.event.reason, next.event.why);
      break;
    case Kind::sum_up:
      status = write(ramp, "canary", canary_predicate(ramp));
      break;
    case Kind::arrive:
      status = write(ramp, "departure", departure_predicate(ramp, situation_.now));
      break;
    case Kind::go_back:
      status = write(ramp, "rollback", rollback_predicate(ramp, situation_.now));
      break;
  }
  // After a breach the traffic goes back first: a pager may take its time.
  const bool is_urgent = next.kind == Kind::write && next.event.what == StepEvent::What::breached;
  if (!is_urgent) page(ramp);
  if (!status) return fail(status.error());
  out.ramp = std::move(ramp);
  return out;
}

void Controller::page(const Ramp& ramp) {
  for (const auto& [reason, why] : to_page_)
    parts_.deeds.page(order_of(ramp, Call::revert, 0, situation_.token), reason, why);
  to_page_.clear();
}

// A stuck ramp names what a person does; only the driver knows.
Json Controller::with_manual_steps(const Ramp& ramp, StepEvent event) const {
  if (event.what == StepEvent::What::stuck) {
    Json lines = Json::array();
    for (std::string& line : parts_.driver.manual_revert(order_of(ramp, Call::revert, 0, situation_.token)))
      lines.push_back(std::move(line));
    event.details = Json::object({{"manual", std::move(lines)}});
  }
  return to_json(event);
}

// An entry of somebody else in between is no failure: the next turn reads it.
Status Controller::write(const Ramp& ramp, std::string_view kind, const Json& predicate) {
  const auto index = parts_.log.append(kind, predicate, ramp.begun.commit, ramp.last_index);
  if (index || index.error().kind == ErrorKind::conflict) return {};
  return fail(index.error());
}

Status Controller::take(const Ramp& ramp) {
  LeaseEvent lease;
  lease.holder = parts_.holder;
  lease.ttl = ramp.begun.plan.lease;
  if (ramp.lease && ramp.lease->taken >= ramp.begun_at) {
    lease.why = situation_.is_holder_gone ? fmt::format("{} has ended", ramp.lease->holder.name)
                                          : fmt::format("the lease of {} ran out", ramp.lease->holder.name);
  }
  const auto index = parts_.log.append("lease", to_json(lease), ramp.begun.commit, ramp.last_index);
  if (index) {
    situation_.token = *index;
    return {};
  }
  if (index.error().kind == ErrorKind::conflict) return {};
  return fail(index.error());
}

Status Controller::renew(const Ramp& ramp) {
  LeaseEvent lease;
  lease.what = LeaseEvent::What::renew;
  lease.holder = parts_.holder;
  lease.ttl = ramp.begun.plan.lease;
  lease.token = situation_.token;
  if (last_watched_ && ramp.hold) {
    lease.watched = Json::object(
        {{"weight", ramp.weight}, {"why", last_watched_->why}, {"metrics", last_watched_->metrics}});
  }
  return write(ramp, "lease", to_json(lease));
}

void Controller::release() {
  const auto events = parts_.log.read();
  if (!events || situation_.token == 0) return;
  const Ramp ramp = fold(*events);
  if (is_lost(ramp)) return page(ramp);
  LeaseEvent lease;
  lease.what = LeaseEvent::What::release;
  lease.holder = parts_.holder;
  lease.token = situation_.token;
  static_cast<void>(write(ramp, "lease", to_json(lease)));
  page(ramp);
  situation_.token = 0;
}

bool Controller::is_lost(const Ramp& ramp) const {
  return !ramp.lease || ramp.lease->token != situation_.token;
}

// Intent, call, outcome. What the call did is in the log only with its outcome; whoever finds an intent
// without one asks the driver.
Status Controller::make_call(const Ramp& ramp, Call call, int weight) {
  StepEvent event;
  event.what = StepEvent::What::intent;
  event.attempt = ramp.attempt;
  event.token = situation_.token;
  event.step = ramp.step_id(call, weight);
  event.call = call;
  event.weight = weight;
  const auto index = parts_.log.append("step", to_json(event), ramp.begun.commit, ramp.last_index);
  if (!index) return index.error().kind == ErrorKind::conflict ? Status() : Status(fail(index.error()));
  const auto began = std::chrono::steady_clock::now();
  const auto done = carry_out(ramp, call, order_of(ramp, call, weight, situation_.token));
  const auto took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - began);
  event.what = StepEvent::What::outcome;
  event.result = done ? StepEvent::Result::done : StepEvent::Result::failed;
  if (!done) event.why = done.error().message;
  event.details = Json::object({{"took_ms", took.count()}});
  if (done && call == Call::baseline) event.details.set("baseline", *done);
  return tell_outcome(ramp.begun.commit, static_cast<std::int64_t>(*index), event);
}

Result<Json> Controller::carry_out(const Ramp& ramp, Call call, const StepOrder& order) {
  const auto plain = [](const Status& status) -> Result<Json> {
    if (!status) return fail(status.error());
    return Json();
  };
  switch (call) {
    case Call::baseline:
      return parts_.deeds.take_baseline(ramp, order);
    case Call::announce:
      return plain(parts_.deeds.announce(order));
    case Call::set_weight:
      return plain(parts_.driver.set_weight(order));
    case Call::promote:
      return plain(parts_.driver.promote(order));
    case Call::revert:
      return plain(parts_.driver.revert(order));
    case Call::tag:
      return plain(parts_.deeds.make_tag(ramp));
  }
  return fail(ErrorKind::internal, "a call that there is not");
}

// Others may have appended while the call ran. What they said is read in the next turn; the outcome is told
// as long as the turn is still ours.
Status Controller::tell_outcome(const std::string& commit, std::int64_t expected_last,
                                const StepEvent& outcome) {
  for (int i = 0; i < kMaxOutcomeAppends; ++i) {
    const auto index = parts_.log.append("step", to_json(outcome), commit, expected_last);
    if (index) return {};
    if (index.error().kind != ErrorKind::conflict) return fail(index.error());
    SIGNALBOX_TRY(const TrainEvents events, parts_.log.read());
    const Ramp ramp = fold(events);
    if (is_lost(ramp)) return lost(ramp);
    expected_last = ramp.last_index;
  }
  return fail(ErrorKind::conflict, "the log of the train grows faster than an outcome can be told");
}

}  // namespace signalbox::train::ramp
