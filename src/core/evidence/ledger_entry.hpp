// An entry as the store holds it.
#pragma once

#include <string>
#include <string_view>

#include "core/evidence/ledger.hpp"

namespace signalbox::evidence {

// The columns that `entry_of` reads, of evidence_entry `e` and evidence_blob `b`.
inline constexpr std::string_view kEntryColumns =
    "select e.i, e.t, e.regressed, e.leaf, e.record, b.salt, b.body from evidence_entry e left join "
    "evidence_blob b on b.id = e.i";

Result<Entry> entry_of(const store::Row& row);

// What of an entry does not fit together, naming layer and index; empty when all does. An erased envelope is
// no fault.
std::string fault_in(const Entry& entry);

}  // namespace signalbox::evidence
