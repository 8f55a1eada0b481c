#include "instruments/queries/sql/names.hpp"

#include <algorithm>

namespace signalbox::queries {
namespace {

// pg_get_keywords() of PostgreSQL 15 but those that are reserved nowhere, each between spaces.
constexpr std::string_view kKeywords =
    " all analyse analyze and any array as asc asymmetric authorization between bigint binary bit "
    "boolean both case cast char character check coalesce collate collation column concurrently "
    "constraint create cross current_catalog current_date current_role current_schema current_time "
    "current_timestamp current_user dec decimal default deferrable desc distinct do else end except "
    "exists extract false fetch float for foreign freeze from full grant greatest group grouping "
    "having ilike in initially inner inout int integer intersect interval into is isnull join "
    "lateral leading least left like limit localtime localtimestamp national natural nchar none "
    "normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay "
    "placing position precision primary real references returning right row select session_user "
    "setof similar smallint some substring symmetric table tablesample then time timestamp to "
    "trailing treat trim true union unique user using values varchar variadic verbose when where "
    "window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi "
    "xmlroot xmlserialize xmltable ";

bool is_keyword(std::string_view name) {
  return kKeywords.find(" " + std::string(name) + " ") != std::string_view::npos;
}

std::string quoted(std::string_view text, char quote, std::string_view doubled) {
  std::string out(1, quote);
  for (const char c : text) {
    out += c;
    if (doubled.find(c) != std::string_view::npos) out += c;
  }
  return out + quote;
}

}  // namespace

std::string sql_name(std::string_view name) {
  const auto begins = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  const bool plain =
      !name.empty() && begins(name.front()) &&
      std::all_of(name.begin(), name.end(), [&](char c) { return begins(c) || (c >= '0' && c <= '9'); }) &&
      !is_keyword(name);
  return plain ? std::string(name) : quoted(name, '"', "\"");
}

std::string sql_name(std::string_view schema, std::string_view name) {
  return schema.empty() ? sql_name(name) : sql_name(schema) + "." + sql_name(name);
}

std::string sql_literal(std::string_view text) {
  return (text.find('\\') == std::string_view::npos ? "" : "E") + quoted(text, '\'', "'\\");
}

}  // namespace signalbox::queries
