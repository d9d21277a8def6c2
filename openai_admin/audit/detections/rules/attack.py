"""The techniques of MITRE ATT&CK (Enterprise) that the detections name."""

from __future__ import annotations

from ..model import Technique

ADDITIONAL_CREDENTIALS = Technique("T1098.001", "Additional Cloud Credentials", "Persistence")
ADDITIONAL_ROLES = Technique("T1098.003", "Additional Cloud Roles", "Privilege Escalation")
CLOUD_ACCOUNT = Technique("T1136.003", "Cloud Account", "Persistence")
CLOUD_ACCOUNTS = Technique("T1078.004", "Cloud Accounts", "Initial Access")
BRUTE_FORCE = Technique("T1110", "Brute Force", "Credential Access")
MODIFY_AUTHENTICATION = Technique("T1556", "Modify Authentication Process", "Defense Evasion")
IMPAIR_DEFENSES = Technique("T1562", "Impair Defenses", "Defense Evasion")
CLOUD_FIREWALL = Technique("T1562.007", "Disable or Modify Cloud Firewall", "Defense Evasion")
CLOUD_LOGS = Technique("T1562.008", "Disable or Modify Cloud Logs", "Defense Evasion")
TRUST_MODIFICATION = Technique("T1484.002", "Trust Modification", "Privilege Escalation")
TRUSTED_RELATIONSHIP = Technique("T1199", "Trusted Relationship", "Initial Access")
TO_CLOUD_ACCOUNT = Technique("T1537", "Transfer Data to Cloud Account", "Exfiltration")
TO_CLOUD_STORAGE = Technique("T1567.002", "Exfiltration to Cloud Storage", "Exfiltration")
RESOURCE_HIJACKING = Technique("T1496", "Resource Hijacking", "Impact")
DATA_DESTRUCTION = Technique("T1485", "Data Destruction", "Impact")
ACCESS_REMOVAL = Technique("T1531", "Account Access Removal", "Impact")
ACCESS_TOKEN = Technique("T1550.001", "Application Access Token", "Lateral Movement")
