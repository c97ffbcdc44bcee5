"""A small town's grid as tables: one station, two feeders, two transformer areas, a tie. Made by hand; lengths and cables are common ones."""

from jiedian.grid.readers.calc.files import GridFile, read_file

TABLES = {
    "buses": """id,kv,lon,lat
H,110,118.00,36.80
M,10,118.00,36.80
A1,10,118.01,36.80
A2,10,118.02,36.80
B1,10,118.00,36.81
B2,10,118.00,36.82
L1,0.4,118.01,36.80
L2,0.4,118.011,36.80
""",
    "lines": """id,from_bus,to_bus,length_m,r_ohm_per_km,x_ohm_per_km,c_nf_per_km,rated_a,from_closed,to_closed,route
LA1,M,A1,900,0.161,0.11,406,358,1,1,
LA2,A1,A2,900,0.161,0.11,406,358,1,1,
LB1,M,B1,1100,0.161,0.11,406,358,1,1,118.00 36.80; 118.002 36.805; 118.00 36.81
LB2,B1,B2,1100,0.161,0.11,406,358,1,1,
TIE,A2,B2,2800,0.161,0.11,406,358,1,0,
K1,L1,L2,100,0.206,0.08,260,270,1,1,
""",
    "transformers": """id,hv_bus,lv_bus,rated_kva,rated_hv_kv,rated_lv_kv,vk_percent,vkr_percent,pfe_kw,i0_percent
T1,H,M,40000,110,10,16,0.4,20,0.1
D1,A1,L1,630,10,0.4,4.5,0.98,0.81,0.6
""",
    "loads": """id,bus,p_kw,q_kvar
W1,L2,90,30
W2,A2,900,300
W3,B2,1200,400
""",
    "sources": "bus,vm_pu,va_deg\nH,1.02,0\n",
}


def parts(**changes: str) -> list[tuple[str, bytes]]:
    """The tables as files, some of them changed."""
    return [(f"{name}.csv", text.encode()) for name, text in (TABLES | changes).items()]


def reading(**changes: str) -> GridFile:
    return read_file("town", parts(**changes))
