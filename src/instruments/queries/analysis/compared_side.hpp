// What a server did in a span of time, as one side of a comparison: of the store, or frozen in a file.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/queries/analysis/regression.hpp"

namespace signalbox::queries {

struct SideStatement {
  std::string sql;    // without constants
  std::string shape;  // of the newest plan in the span; empty: none was seen
  Counters sum;
  std::vector<Block> blocks;  // of equal lengths, from the beginning of the span on
};

struct ComparedSide {
  std::string server;             // its name
  std::string system_identifier;  // of its files; empty where it is not known
  Span span;
  double seconds = 0;  // of the span, that were watched
  double commits = 0;  // transactions; 0: not known
  std::int64_t dealloc = 0;
  std::map<std::string, SideStatement> statements;  // by fingerprint
  Counters all;
};

// Blocks are windows that are together a fortieth of what was watched long, a second at least and a minute at
// most.
Result<ComparedSide> read_side(store::Database& database, const KeptServer& server, const Span& span);

// One JSON object a line: the side, then each statement in the order of their fingerprints.
std::string write_snapshot(const ComparedSide& side);
// bad_input with the line for what is none, is cut off, or is of another version.
Result<ComparedSide> parse_snapshot(std::string_view text);

ComparisonInput compared(const ComparedSide& before, const ComparedSide& after);

// Blocks in which anything ran.
std::size_t blocks_of(const ComparedSide& side);
// The part of the span that was watched, 1 at most.
double watched_share(const ComparedSide& side);

}  // namespace signalbox::queries
