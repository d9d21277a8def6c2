"""Operators of networks from which machines are rented, and hidden ways into the Internet."""

from __future__ import annotations

RENTED = frozenset(
    {
        # Clouds
        *("16509", "14618", "15169", "396982", "8075", "31898", "45102", "132203", "36351"),
        # Machines by the hour: DigitalOcean, OVH, Hetzner, Linode, Vultr, Contabo, Scaleway, ...
        *("14061", "16276", "24940", "213230", "212317", "63949", "20473", "51167", "12876"),
        *("60781", "28753", "30633", "59253", "8100", "36352", "46562", "29802", "53667", "40676"),
        *("55286", "62567", "62240", "197540", "202053", "44477", "202425", "49981", "35916"),
        # Exits of VPNs that anybody can buy: M247, Datacamp, 31173, Proton, Mullvad, Tzulo, ...
        *("9009", "60068", "212238", "39351", "62371", "209103", "11878", "136787", "203020"),
    }
)
"""The numbers of operators whose addresses are seldom a person's own line: rented machines and the
exits of VPNs. No list of these is whole; one that is missing is judged as any other network.
Operators of companies' own gateways and of browsers' relays are not among them."""
