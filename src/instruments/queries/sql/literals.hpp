// SQL without its constants, by its tokens alone: for text that no parser takes (cut off, of another version)
// and as a key of texts that were seen before.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::queries {

// What is put in the place of constants.
enum class Constants {
  all,      // strings, bit strings and numbers; parameters too, so that $1 and 7 are the same
  strings,  // strings and bit strings alone: what may hold a secret after PostgreSQL's own normalisation
};

// Each constant becomes `$?`, comments go, and a run of white space is one space; keywords and names stay as
// they were written. An unfinished string, comment or quoted name reaches to the end. Linear in the length.
// Source of the tokens: PostgreSQL 15, chapter 4.1 (E'', U&'', B'', X'', dollar quotes, nested comments).
std::string without_constants(std::string_view sql, Constants which = Constants::all);
// The same in `buffer`, which only grows: for many texts one after another.
std::string_view without_constants(std::string_view sql, Constants which, std::string& buffer);

}  // namespace signalbox::queries
