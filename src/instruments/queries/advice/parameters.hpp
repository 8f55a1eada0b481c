// Values for the parameters of statements that are kept without theirs: drawn from the rows of the tables
// that they are compared with.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/queries/advice/copy.hpp"

namespace signalbox::queries {

struct DrawnValues {
  std::vector<std::vector<std::string>> sets;  // of each execution: a value for each parameter, as SQL
  std::size_t guessed = 0;  // parameters that are compared with no column: 1, 'x', now() by their type
};

// What is equal to a column is that column's value in some row (of one row, where several are); what is more
// or less than one is so that a twentieth of the rows lies beyond, or between both; LIMIT is 10, OFFSET 0.
// The same copy gives the same values.
Result<DrawnValues> draw_values(Copy& copy, const PreparedStatement& statement, std::string_view sql,
                                std::size_t sets);

// Which parameter stands after the word: of "… LIMIT $2" 2; 0 where none does.
std::size_t parameter_after(std::string_view sql, std::string_view word);

}  // namespace signalbox::queries
