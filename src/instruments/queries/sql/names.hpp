// Names and strings as SQL has them, so that what is written for someone to execute does what it says.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::queries {

// As quote_ident does it: in quotes where it is no plain name, or a word that SQL keeps for itself.
std::string sql_name(std::string_view name);
std::string sql_name(std::string_view schema, std::string_view name);

// 'it''s', as quote_literal does it.
std::string sql_literal(std::string_view text);

}  // namespace signalbox::queries
