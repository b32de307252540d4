// StandardForms
