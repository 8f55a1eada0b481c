// A table as HTML.
#pragma once

#include <string>

#include "core/report/report.hpp"

namespace signalbox::report {

// Without its title; wide ones scroll by themselves.
std::string html_table(const Table& table);

}  // namespace signalbox::report
