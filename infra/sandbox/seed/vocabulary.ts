/** The words from which the sandbox makes its company. All names are invented. */

export const OUR_DOMAIN = 'larkfield.example';

export const PROJECT_PLACES = [
  'Harborview',
  'Cedar Ridge',
  'Willow Creek',
  'Northgate',
  'Stonebridge',
  'Riverside',
  'Copper Hill',
  'Lakeshore',
  'Elm Street',
  'Juniper Flats',
  'Eastbrook',
  'Summit Park',
] as const;

export const PROJECT_KINDS = [
  'Medical Center, East Tower',
  'Elementary School Modernization',
  'Distribution Center',
  'Senior Living',
  'Data Center, Phase 2',
  'Mixed-Use Block C',
  'Water Treatment Upgrade',
  'Student Housing',
  'Office Fit-Out, Level 9',
  'Fire Station No. 4',
  'Parking Structure',
  'Community Library',
] as const;

export const CLIENTS = [
  'Port of Harborview',
  'Cedar Ridge School District',
  'Summit Health Partners',
  'Northgate Data LLC',
  'Riverside Housing Trust',
] as const;

export const TRADES = [
  'Concrete',
  'Masonry',
  'Structural Steel',
  'Rough Carpentry',
  'Roofing',
  'Glass & Glazing',
  'Doors, Frames & Hardware',
  'Drywall & Framing',
  'Flooring',
  'Painting',
  'Elevators',
  'Fire Protection',
  'Plumbing',
  'HVAC',
  'Electrical',
  'Earthwork',
  'Site Utilities',
  'Landscaping',
] as const;

export const BIDDER_FAMILIES = [
  'Alder',
  'Bexley',
  'Castellano',
  'Dunmore',
  'Everhart',
  'Fairbank',
  'Grayling',
  'Halloran',
  'Iverson',
  'Jasper',
  'Kestrel',
  'Lindqvist',
  'Marchetti',
  'Norwood',
  'Okafor',
  'Prentiss',
  'Quintero',
  'Rosedale',
  'Sandoval',
  'Tamarack',
] as const;

export const BIDDER_TRADES = [
  'Concrete Inc.',
  'Mechanical',
  'Electric Co.',
  'Drywall & Plaster',
  'Steel Erectors',
  'Roofing & Sheet Metal',
  'Plumbing, LLC',
  'Glass',
  'Earthworks',
  'Painting Group',
] as const;

export const FIRST_NAMES = [
  'Amara',
  'Ben',
  'Carla',
  'Dmitri',
  'Elena',
  'Femi',
  'Grace',
  'Hiro',
  'Isabel',
  'Jonas',
  'Kavita',
  'Luis',
  'Maeve',
  'Noor',
  'Owen',
  'Priya',
] as const;

export const LAST_NAMES = [
  'Abbott',
  'Brandt',
  'Castro',
  'Dubois',
  'Eriksen',
  'Flores',
  'Goldman',
  'Huang',
  'Ivanova',
  'Jensen',
  'Kowalski',
  'Lopez',
  'Moreau',
  'Nakamura',
  "O'Brien",
  'Petrov',
] as const;

export const JOB_TITLES = ['Estimator', 'Senior Estimator', 'Project Manager', 'Owner', null] as const;
export const BUSINESS_TYPES = ['Subcontractor', 'Supplier', 'General Contractor'] as const;
export const LABOR_TYPES = ['Union', 'Non-Union', 'Prevailing Wages'] as const;
export const COMPANY_TAGS = ['preferred', 'new in 2026', 'bonded', 'night work', 'watch schedule'] as const;

export const CERTIFICATE_TYPES = [
  'Disadvantaged Business Enterprise (DBE)',
  'Small Business Enterprise (SBE)',
  'Women-Owned Business Enterprise (WBE)',
  'Veteran-Owned Business (VOB)',
] as const;

export const CERTIFICATE_AGENCIES = [
  'State Department of Transportation',
  'City Office of Economic Equity',
  'Regional Transit Authority',
] as const;

export const SYNC_ERRORS = [
  'The file "A-201 Floor Plans.pdf" could not be copied: it exceeds the maximum file size.',
  'Access to the client files was removed before the transfer finished.',
  'Timed out while copying 214 files. 198 files were transferred.',
  'The project folder could not be created: a folder with this name already exists.',
] as const;

/** Line items by type: the sections they stand in, what they ask for, and the units they may have. */
export const COLORS = ['RED', 'YELLOW', 'GREEN', 'BLUE', 'PURPLE'] as const;

export const PROJECT_LINE_ITEMS = [
  { type: 'BONDING', unit: 'PERCENTAGE' },
  { type: 'CERTIFICATION', unit: 'YES_NO' },
  { type: 'LABOR_RATE', unit: 'PER_HOUR' },
  { type: 'MARKUP', unit: 'PERCENTAGE' },
  { type: 'DISCLAIMER', unit: null },
] as const;

export const LINE_ITEM_TYPES = [
  {
    type: 'COST_BREAKDOWN',
    sections: ['Furnish & Install', 'Mobilization', 'Equipment', null],
    descriptions: ['Footings', 'Slab on grade', 'Anchor bolts', 'Duct insulation', 'Switchgear', 'Hoisting'],
    units: ['TOTAL_COST_ONLY', 'HOURS', 'CUBIC_FT', 'LUMP_SUM'],
  },
  {
    type: 'ALTERNATE',
    sections: ['Alternates', null],
    descriptions: ['Deduct for precast stairs', 'Add for weekend work', 'Substitute LED fixtures'],
    units: ['TOTAL_COST_ONLY', 'YES_NO_WITH_ADJUSTMENT'],
  },
  {
    type: 'INCLUSION',
    sections: ['Scope', null],
    descriptions: ['Daily clean-up', 'Permits and fees', 'As-built drawings', 'Layout and survey'],
    units: ['YES_NO', 'YES_NO_WITH_ADJUSTMENT'],
  },
  {
    type: 'ADDENDUM',
    sections: ['Unit costs', null],
    descriptions: ['Escalation after 90 days', 'Overtime premium', 'Markup on changes'],
    units: ['PERCENTAGE', 'LUMP_SUM', 'HOURS'],
  },
  {
    type: 'ACKNOWLEDGMENT',
    sections: [null],
    descriptions: ['Addenda 1 to 3 received', 'Site visit attended'],
    units: ['YES_NO'],
  },
] as const;
