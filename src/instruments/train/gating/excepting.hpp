// Red checks under an exception: they are told as excepted, amber, never green.
#pragma once

#include <string>
#include <vector>

#include "core/gates/freeze_table.hpp"
#include "core/report/report.hpp"
#include "instruments/train/gating/exception_book.hpp"

namespace signalbox::train {

// An exception that a decision rests on.
struct UsedException {
  std::string check;        // "tests", "freeze"
  std::uint64_t index = 0;  // of its request in the log
  std::uint64_t approved = 0;
  std::string requester, approver, reason;
  Time expires;
  std::string taken_for_granted = {};  // of the two people
};
// Rows about the decision itself are not.
bool may_be_excepted(const std::string& row);
UsedException use_of(const gates::Exception& exception, const InForce& among, std::string check);

// Turns those red checks amber for which one is in force; what no exception may cover stays red.
std::vector<UsedException> except_checks(const InForce& in_force, std::vector<Check>& checks);
// What stays in force when freezes under an exception are taken away, and until when that is.
gates::FreezeAnswer except_freezes(const InForce& in_force, const gates::FreezeAnswer& freezes,
                                   std::vector<UsedException>& used);
void tell_excepted(Check& check, const UsedException& used);

// What is open: audits that are due, and those that are overdue.
std::vector<Finding> audit_findings(const std::vector<gates::Exception>& all, Time now);

}  // namespace signalbox::train
