#include "instruments/train/after/runbook.hpp"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/ramp/ramp_report.hpp"

namespace signalbox::train::after {
namespace {

using State = RunbookStep::State;

std::string words_text(const ramp::Words& words) {
  std::vector<std::string> out;
  for (const std::string& word : words) out.push_back(shell_word(printable(word)));
  return join(out, " ");
}

// "engineering, sre": who answers for the gates.
std::string gate_owners(const Policy& policy) {
  std::vector<std::string> out;
  for (const gates::Gate& gate : policy.gates) {
    if (!gate.owner.empty() && std::find(out.begin(), out.end(), gate.owner) == out.end())
      out.push_back(gate.owner);
  }
  return join(out, ", ");
}

// "#release-1.3.0": where people talk of it on its day.
std::string channel_of(std::string_view version) {
  if (version.starts_with('v')) version.remove_prefix(1);
  return "#release-" + printable(version);
}

// Steps of which the log knows nothing by itself.
bool is_for_people(std::string_view id) {
  constexpr std::string_view kSteps[] = {"readout", "channel", "journeys", "ticket", "hotfix-sync"};
  return id.starts_with("smoke-") || std::find(std::begin(kSteps), std::end(kSteps), id) != std::end(kSteps);
}

// Builds the page, step after step.
class Writer {
 public:
  explicit Writer(const RunbookSource& source)
      : source_(source), plan_(source.policy.ramp.plan), id_(source.train.id) {
    const ramp::Phase phase = source.ramp.phase;
    has_departed_ = source.attempt.phase != ramp::Phase::none &&
                    source.attempt.begun.purpose == ramp::Begin::Purpose::depart;
    out_.train = id_;
    out_.departs = source.train.schedule ? source.train.schedule->departs : Time();
    out_.version = source.train.lock ? source.train.lock->version : std::string();
    out_.baseline = source.baseline;
    out_.manual = source.manual;
    out_.contacts = source.policy.contacts;
    out_.standing = phase == ramp::Phase::none ? std::string(train::name_of(source.train.phase))
                                               : ramp::standing_line(source.ramp, source.ramp.last_acted);
  }

  Runbook write() {
    before();
    ramp();
    after();
    tick_for_people();
    back();
    return std::move(out_);
  }

 private:
  RunbookStep& add(std::string id, std::optional<Duration> offset, std::string what, std::string command) {
    RunbookStep step;
    step.id = std::move(id);
    if (offset) step.at = out_.departs + *offset;
    step.what = std::move(what);
    step.command = std::move(command);
    out_.steps.push_back(std::move(step));
    return out_.steps.back();
  }
  // Who answers for what; empty where nobody is named.
  std::string contact(std::string_view role) const {
    for (const Contact& one : source_.policy.contacts) {
      if (one.role == role) return one.name;
    }
    return {};
  }
  std::string train_command(std::string_view verb) const {
    return fmt::format("signalbox train {} {}", verb, id_);
  }

  static void done(RunbookStep& step, std::string found) {
    step.state = State::done;
    step.found = std::move(found);
  }

  void before() {
    RunbookStep& lock = add("lock", std::nullopt, "Lock the scope", train_command("lock"));
    lock.owner = contact("release");
    if (source_.train.lock)
      done(lock, fmt::format("{}, log #{}", to_rfc3339(source_.train.lock->time), source_.train.lock->index));
    RunbookStep& check = add("check", -plan_.baseline_before, "Last checks", train_command("check"));
    check.owner = gate_owners(source_.policy);
    if (source_.decision) done(check, fmt::format("GO, log #{}", *source_.decision));
    add("readout", -plan_.announce_before, "Readout to those who answer for the gates",
        train_command("meeting"));
    if (!out_.version.empty()) add("channel", -plan_.announce_before, "Open " + channel_of(out_.version), "");
    std::size_t number = 0;
    for (const ramp::Words& smoke : source_.policy.ramp.hooks.smoke)
      add(fmt::format("smoke-{}", ++number), std::nullopt,
          fmt::format("Smoke check, every {} of the ramp", to_text(plan_.smoke_every)), words_text(smoke));
  }

  void ramp() {
    RunbookStep& depart =
        add("depart", -plan_.baseline_before, "Depart: the countdown begins, then the ramp runs itself",
            train_command("depart"));
    depart.owner = contact("release");
    if (has_departed_)
      done(depart, fmt::format("{} by {}", to_rfc3339(source_.attempt.begun_at),
                               printable(source_.attempt.begun_by)));
    Duration offset{};
    for (const ramp::WeightStep& weight : plan_.weights) {
      RunbookStep& step =
          add(fmt::format("weight-{}", weight.percent), offset,
              fmt::format("{} % of the traffic, held for {}", weight.percent, to_text(weight.hold)),
              train_command("status"));
      tell_weight(step, weight.percent);
      offset += weight.hold;
    }
    RunbookStep& all = add("all-traffic", offset, "All traffic", train_command("status"));
    if (has_departed_ && source_.attempt.promoted_at) done(all, to_rfc3339(*source_.attempt.promoted_at));
  }

  // What the log cannot know is ticked by the words of people.
  void tick_for_people() {
    const std::map<std::string, Tick> ticks = fold_ticks(source_.events);
    for (RunbookStep& step : out_.steps) {
      if (!is_for_people(step.id)) continue;
      step.ticked_by = RunbookStep::TickedBy::people;
      const auto tick = ticks.find(step.id);
      if (tick == ticks.end()) continue;
      std::string found = fmt::format("{} by {}", to_rfc3339(tick->second.time), printable(tick->second.by));
      if (!tick->second.note.empty()) found += ": " + printable(tick->second.note);
      done(step, std::move(found));
    }
  }

  void tell_weight(RunbookStep& step, int percent) const {
    if (!has_departed_) return;
    for (const ramp::HeldWeight& held : source_.attempt.held) {
      if (held.weight != percent) continue;
      step.state = held.passed ? State::done : State::failed;
      step.found = fmt::format("{} to {}", to_rfc3339(held.start), to_rfc3339(held.end));
    }
  }

  void after() {
    const auto due = source_.aftermath.review_due(source_.policy.reviews);
    const std::optional<Ending> ending = ending_of(source_.aftermath.passages);
    add("journeys", std::nullopt, "Validate what users do", "").owner = contact("product");
    if (source_.policy.reviews.of == ReviewRules::Of::every_train || due) {
      RunbookStep& review = add("review", std::nullopt, "Review",
                                fmt::format("signalbox train review new {} -o review.yaml", id_));
      if (due) review.at = *due;
      if (source_.aftermath.review)
        done(review, fmt::format("published by {}, log #{}", printable(source_.aftermath.review->by),
                                 source_.aftermath.review->index));
    }
    add("ticket", std::nullopt, "Close the release ticket", "");
    add("hotfix-sync", std::nullopt, "Short sync: does anything need a hotfix?", "");
    add_health(ending);
    if (ending && ending->how == Ending::How::taken_back) {
      RunbookStep& back = add("taken-back", std::nullopt, "Taken back", "");
      back.at = ending->time;
      done(back, fmt::format("to {}", printable(ending->baseline)));
    }
  }

  void add_health(const std::optional<Ending>& ending) {
    RunbookStep& step =
        add("health", std::nullopt, "Health of the release, recorded", train_command("health") + " --record");
    if (!ending) return;
    step.at = ending->time + source_.policy.health.after;
    for (const Event& event : source_.events.events) {
      if (event.kind != "health" || event.predicate["stage"].as_string() != "final") continue;
      done(step, fmt::format("{}, log #{}", printable(event.predicate["result"].as_string()), event.index));
    }
  }

  void back() {
    const auto way = [&](const char* id, const char* what, std::string command) {
      RunbookStep step;
      step.id = id;
      step.what = what;
      step.command = std::move(command);
      step.owner = contact("on-call");
      out_.back.push_back(std::move(step));
    };
    way("pause", "Hold the weight where it is", train_command("pause") + " --reason TEXT");
    way("resume", "Go on after a pause", train_command("resume"));
    way("rollback", "Take it back, during the ramp or after the departure",
        train_command("rollback") + " --reason TEXT");
    way("status", "Where does it stand?", train_command("status"));
    way("incident", "Users have trouble: say so, and when it is over",
        train_command("incident open") + " WHAT");
  }

  const RunbookSource& source_;
  const ramp::Plan& plan_;
  std::string id_;
  bool has_departed_ = false;
  Runbook out_;
};

Cell state_cell(const RunbookStep& step) {
  switch (step.state) {
    case State::open:
      return {"[ ]", Tone::plain};
    case State::done:
      return {"[x]", Tone::good};
    case State::failed:
      return {"[!]", Tone::bad};
  }
  return {};
}

std::string_view name_of_state(State state) {
  return state == State::open ? "open" : state == State::done ? "done" : "failed";
}

Json step_json(const RunbookStep& step) {
  return Json::object({{"id", step.id},
                       {"at", step.at ? Json(to_rfc3339(*step.at)) : Json()},
                       {"what", step.what},
                       {"command", step.command},
                       {"owner", printable(step.owner)},
                       {"ticked_by", step.ticked_by == RunbookStep::TickedBy::log ? "log" : "people"},
                       {"state", name_of_state(step.state)},
                       {"found", step.found}});
}

Json steps_json(const std::vector<RunbookStep>& steps) {
  Json out = Json::array();
  for (const RunbookStep& step : steps) out.push_back(step_json(step));
  return out;
}

Table steps_table(const std::vector<RunbookStep>& steps) {
  Table table{"Steps", {{""}, {"step"}, {"when"}, {"what"}, {"command"}, {"who"}, {"found"}}, {}};
  for (const RunbookStep& step : steps)
    table.rows.push_back({state_cell(step), step.id, step.at ? to_rfc3339(*step.at) : "", step.what,
                          step.command, printable(step.owner), step.found});
  return table;
}

Table back_table(const std::vector<RunbookStep>& back) {
  Table table{"Taking it back", {{"what"}, {"command"}, {"who"}}, {}};
  for (const RunbookStep& step : back) table.rows.push_back({step.what, step.command, printable(step.owner)});
  return table;
}

Table contacts_table(const std::vector<Contact>& contacts) {
  Table table{"Whom to call", {{"for"}, {"who"}, {"how"}}, {}};
  for (const Contact& one : contacts) table.rows.push_back({one.role, one.name, one.reach});
  return table;
}

Json contacts_json(const std::vector<Contact>& contacts) {
  Json out = Json::array();
  for (const Contact& one : contacts)
    out.push_back(Json::object({{"role", one.role}, {"name", one.name}, {"reach", one.reach}}));
  return out;
}

}  // namespace

ramp::Ramp newest_attempt(const TrainEvents& events) {
  ramp::Ramp now = ramp::fold(events);
  if (now.begun.purpose == ramp::Begin::Purpose::depart) return now;
  const auto goes_back = std::find_if(events.events.rbegin(), events.events.rend(), [](const Event& event) {
    if (event.kind != "step") return false;
    const auto step = ramp::step_from_json(event.predicate);
    return step && step->begin && step->begin->purpose == ramp::Begin::Purpose::go_back;
  });
  if (goes_back == events.events.rend()) return now;
  TrainEvents before = events;
  before.events.resize(static_cast<std::size_t>(events.events.rend() - goes_back) - 1);
  return ramp::fold(before);
}

Runbook make_runbook(const RunbookSource& source) {
  return Writer(source).write();
}

Status check_tick(const Runbook& runbook, const TickEvent& tick) {
  SIGNALBOX_CHECK(check_step_id(tick.step));
  const auto found = std::find_if(runbook.steps.begin(), runbook.steps.end(),
                                  [&](const RunbookStep& step) { return step.id == tick.step; });
  const std::string page = "signalbox train runbook " + runbook.train;
  if (found == runbook.steps.end())
    return fail(ErrorKind::not_found,
                fmt::format("the runbook of train {} has no step {}", runbook.train, tick.step), page);
  if (found->ticked_by == RunbookStep::TickedBy::log)
    return fail(ErrorKind::conflict, fmt::format("the log itself ticks the step {}", tick.step),
                found->command.empty() ? page : found->command);
  const bool is_done = found->state == State::done;
  if (tick.what == TickEvent::What::done && is_done)
    return fail(ErrorKind::conflict, fmt::format("the step {} is done since {}", tick.step, found->found),
                page);
  if (tick.what == TickEvent::What::undone && !is_done)
    return fail(ErrorKind::conflict, fmt::format("the step {} is not done", tick.step), page);
  if (tick.what == TickEvent::What::undone && tick.note.empty())
    return fail(ErrorKind::bad_input, "why it is not done after all is not said", "--note TEXT");
  return {};
}

Report runbook_report(const Runbook& runbook) {
  Report report;
  report.instrument = "train";
  report.title = fmt::format("Runbook of train {}{}", runbook.train,
                             runbook.version.empty() ? "" : ": " + printable(runbook.version));
  report.summary = runbook.standing;
  report.facts = {
      {"departs", to_rfc3339(runbook.departs), ""},
      {"goes back to",
       runbook.baseline.empty() ? "no release before it is known" : printable(runbook.baseline), ""}};
  report.tables.push_back(steps_table(runbook.steps));
  report.tables.push_back(back_table(runbook.back));
  if (!runbook.contacts.empty()) report.tables.push_back(contacts_table(runbook.contacts));
  if (!runbook.manual.empty()) {
    Table table{"By hand, where taking it back keeps failing", {{"step"}}, {}};
    for (const std::string& line : runbook.manual) table.rows.push_back({printable(line)});
    report.tables.push_back(std::move(table));
  }
  Json manual = Json::array();
  for (const std::string& line : runbook.manual) manual.push_back(printable(line));
  report.data = Json::object({{"train", runbook.train},
                              {"version", runbook.version},
                              {"baseline", runbook.baseline},
                              {"departs", to_rfc3339(runbook.departs)},
                              {"standing", runbook.standing},
                              {"steps", steps_json(runbook.steps)},
                              {"back", steps_json(runbook.back)},
                              {"manual", std::move(manual)},
                              {"contacts", contacts_json(runbook.contacts)}});
  return report;
}

}  // namespace signalbox::train::after
