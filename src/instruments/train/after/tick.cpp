#include "instruments/train/after/tick.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/events/predicate_fields.hpp"

namespace signalbox::train::after {
namespace {

constexpr std::size_t kMaxStepBytes = 64;

bool is_step_id(std::string_view id) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !id.empty() && id.size() <= kMaxStepBytes && std::all_of(id.begin(), id.end(), fits);
}

}  // namespace

Status check_step_id(std::string_view id) {
  if (is_step_id(id)) return {};
  return fail(ErrorKind::bad_input,
              fmt::format("'{}' is no step of a runbook", printable(id.substr(0, kMaxStepBytes))),
              "signalbox train runbook TRAIN names them");
}

Json to_json(const TickEvent& event) {
  Json out =
      Json::object({{"what", event.what == TickEvent::What::done ? "done" : "undone"}, {"step", event.step}});
  if (!event.note.empty()) out.set("note", event.note);
  return out;
}

Result<TickEvent> read_tick_event(const Json& predicate) {
  PredicateFields fields(predicate, "predicate");
  TickEvent out;
  const std::string what = fields.text("what");
  if (what != "done" && what != "undone") fields.refuse("what", "is neither done nor undone");
  out.what = what == "undone" ? TickEvent::What::undone : TickEvent::What::done;
  out.step = fields.text("step");
  if (fields.is_good() && !is_step_id(out.step)) fields.refuse("step", "is no id of a step");
  out.note = fields.optional_text("note");
  if (out.note.size() > kMaxTickNoteBytes)
    fields.refuse("note", fmt::format("has more than {} bytes", kMaxTickNoteBytes));
  if (out.what == TickEvent::What::undone && out.note.empty()) fields.refuse("note", "does not say why");
  SIGNALBOX_CHECK(fields.status());
  return out;
}

std::map<std::string, Tick> fold_ticks(const TrainEvents& events) {
  std::map<std::string, Tick> out;
  for (const Event& event : events.events) {
    if (event.kind != "tick") continue;
    const auto tick = read_tick_event(event.predicate);
    if (!tick) continue;
    if (tick->what == TickEvent::What::done) {
      out.insert_or_assign(tick->step, Tick{event.signer, tick->note, event.time, event.index});
    } else {
      out.erase(tick->step);
    }
  }
  return out;
}

}  // namespace signalbox::train::after
