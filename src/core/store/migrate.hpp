#pragma once

#include "core/store/database.hpp"

namespace signalbox::store {

// conflict when the store itself (not one owner's tables) was laid out by a newer Signalbox.
Status check_format(Database& database);

}  // namespace signalbox::store
