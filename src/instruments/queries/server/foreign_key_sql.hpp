// Parts of queries about foreign keys, each pg_constraint k.
#pragma once

namespace signalbox::queries {

// Its referring columns, a list in one column.
inline constexpr const char* kReferringColumns =
    "(select string_agg(a.attname::text, chr(31) order by o) from unnest(k.conkey) with ordinality u(attnum, "
    "o) join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.attnum)";

// Whether the referring rows are found by an index: one whose key begins with its columns, in whatever order;
// those of INCLUDE find nothing.
inline constexpr const char* kReferringIndexExists =
    "exists (select from pg_index x where x.indrelid = k.conrelid and x.indisvalid and x.indpred is null and "
    "x.indnkeyatts >= cardinality(k.conkey) and "
    "(string_to_array(x.indkey::text, ' ')::int2[])[1:cardinality(k.conkey)] @> k.conkey)";

}  // namespace signalbox::queries
