// Which Signalbox this is. Library `core_version`, apart from core_base, so that a new commit relinks only
// what links it.
#pragma once

#include <string_view>

namespace signalbox {

std::string_view version();       // "0.1.0"
std::string_view built_commit();  // "1a2b3c4d5e6f", with "-modified" when the sources differed from it; "no
                                  // commit" outside git

}  // namespace signalbox
