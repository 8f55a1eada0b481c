#pragma once

#include "core/base/result.hpp"
#include "instruments/queries/advice/advice.hpp"
#include "instruments/queries/advice/copy.hpp"

namespace signalbox::queries {

// Rows of the table are inserted into one like it, with all its indexes, without and with the new one: in a
// transaction that is taken back. Not known where the table has no rows, or columns that cannot be given. The
// table is small and in memory: what a large index costs that is not, is more.
Result<WriteCost> measure_writes(Copy& copy, const IndexCandidate& index);

}  // namespace signalbox::queries
