#pragma once

#include "instruments/queries/analysis/statement_report.hpp"

namespace signalbox::queries {

// All that is kept of the statements with this queryid or fingerprint. Errors: see KeptStatements::find.
Result<StatementStory> read_story(store::Database& database, std::int64_t server, std::string_view key,
                                  const Span& span);

}  // namespace signalbox::queries
