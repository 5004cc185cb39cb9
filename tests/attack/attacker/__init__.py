"""An attacker: somebody outside who keeps every byte that is published, and works out what was hidden.

It is a program of its own. It imports nothing of the product: only the standard library, NumPy and SciPy; a test keeps it so.

    told        what can be read in a publication, as plain statements
    dom         a small reader of HTML
    pages       public pages: tables, sentences, alternative texts, attributes, embedded data
    drawings    charts: what dots, lines and dashes give back when they are measured
    feeds       the API's JSON and the CSV files
    material    everything read so far, over all releases, put in order
    structure   which sums everybody can write down
    system      unknown whole numbers with linear statements about them: propagation, linear and integer programs
    measures    what is not linear: likely ranges, variances, Theil's index
    worlds      which releases speak of the same counts, and which correct each other
    attack      all of it together, and what counts as a finding

Seam: PDF files are not published yet. A reader of theirs would return statements of `told`, as `pages.read` does, and be
called by `material.Material.page`; nothing else would change.
"""

from tests.attack.attacker.attack import Attack, Finding
from tests.attack.attacker.material import Material
from tests.attack.attacker.told import Place

__all__ = ["Attack", "Finding", "Material", "Place"]
