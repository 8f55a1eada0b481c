// The readiness meeting on one page: only what is open, who owns it, what is proposed, and how long it may
// take. Pure.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "instruments/train/gating/freshness.hpp"
#include "instruments/train/gating/way_to_go.hpp"

namespace signalbox::train {

struct AgendaItem {
  std::string what;      // name of the row
  std::string state;     // "red", "excepted", "amber", "expires", "audit"
  std::string found;     // what was found, in words
  std::string owner;     // may be empty: then it says so
  std::string proposed;  // decision that is proposed
  std::string command;   // that carries it out; may be empty
  std::chrono::minutes timebox{0};
};

struct Agenda {
  std::vector<AgendaItem> items;  // red first
  std::chrono::minutes timebox{0};
  std::string proposed;  // for the whole: "GO", "NO-GO until …"
};
// `departure`: planned; absent: nothing is said of what will expire.
Agenda make_agenda(const Decision& decision, const WayToGo& way, const std::vector<Expiry>& race);

Report agenda_report(const Decision& decision, const Agenda& agenda);

}  // namespace signalbox::train
