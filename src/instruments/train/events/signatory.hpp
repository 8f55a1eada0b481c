// Who signs an event: a key of this machine that the policy trusts. What any other key signs does not count.
#pragma once

#include <string>

#include "core/evidence/trust.hpp"

namespace signalbox::train {

struct Signatory {
  std::string stored_as;     // its name in the key store
  evidence::TrustedKey key;  // as trust has it: by that name it stands in events
};

// `name`: in the key store. not_found where the store has no such key; denied where trust does not know it.
Result<Signatory> find_signatory(const evidence::Trust& trust, const std::string& name);

}  // namespace signalbox::train
